# What disruption won, against what it cost in evicted pods: steep is good, flat is churn.
set lmargin 11
set autoscale xfixmin
set yrange [0:*]
set key top left horizontal
set offsets graph 0.02, 0, graph 0.15, 0 # room for the key, and for who evicts nobody beside the axis
set title scenario.": saving against churn"
set xlabel "pods evicted so far"
set ylabel "hourly price taken off, summed (USD/h)"
plot for [i=1:run_count] $churn index i-1 using 1:2 with lines lw width_of(i) lc rgb color_of(i) title names[i]
