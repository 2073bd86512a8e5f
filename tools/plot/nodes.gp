# Three panels over one time axis: nodes, pods that run, pods that wait (the most of each interval).
set multiplot layout 3,1 margins 0.09,0.98,0.10,0.94 spacing 0.05
set xrange [0:span]
set yrange [0:*]
set format x ""
set key horizontal
set title scenario.": nodes and pods over time"
set ylabel "nodes"
stats $samples using 2 nooutput
if (STATS_max < 8) { set ytics 1 }
set offsets 0, 0, graph 0.22, 0 # room for the key
plot for [i=1:run_count] $samples index i-1 using 1:2 with steps lw width_of(i) lc rgb color_of(i) title names[i]
unset key
set offsets 0, 0, 0, 0
unset title
set ytics autofreq
set ylabel "pods running"
plot for [i=1:run_count] $samples index i-1 using 1:3 with steps lw width_of(i) lc rgb color_of(i)
set ylabel "pods waiting"
stats $waiting using 2 nooutput
if (STATS_max < 8) { set ytics 1 }
set format x "%.10g"
set xlabel "time (".time_unit.")"
plot for [i=1:run_count] $waiting index i-1 using 1:2 with steps lw width_of(i) lc rgb color_of(i)
unset multiplot
