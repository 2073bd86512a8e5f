# The cumulative distribution of pod latency (created to running), on a logarithmic axis: a step to
# the right of another waits longer. Pods that never ran are not in it.
set lmargin 9
set logscale x
set yrange [0:100]
set xrange [0.1:*]
set key top left
set title scenario.": pod latency, from creation to running"
set xlabel "pod latency (s); up to 0.1 s is drawn at 0.1 s"
set ylabel "pods that run by then (%)"
set xtics ("0.1" 0.1, "1" 1, "10" 10, "30" 30, "1 min" 60, "2 min" 120, "5 min" 300, "10 min" 600, \
    "30 min" 1800, "1 h" 3600, "4 h" 14400, "1 d" 86400, "1 w" 604800)
set arrow from graph 0, first 50 to graph 1, first 50 nohead lc rgb "#BBBBBB" dt 2 back
set arrow from graph 0, first 90 to graph 1, first 90 nohead lc rgb "#BBBBBB" dt 2 back
plot for [i=1:run_count] $latencies index i-1 using 1:2 with steps lw width_of(i) lc rgb color_of(i) title names[i]
