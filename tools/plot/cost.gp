# Two panels over one time axis: what has been spent, and what an hour costs at the time.
set multiplot layout 2,1 margins 0.09,0.98,0.115,0.93 spacing 0.06
set xrange [0:span]
set yrange [0:*]
set format x ""
set title scenario.": cost over time"
set ylabel "spent so far (USD)"
plot for [i=1:run_count] $samples index i-1 using 1:5 with lines lw width_of(i) lc rgb color_of(i) title names[i]
unset key
unset title
set ylabel "cost rate (USD/h)"
set format x "%.10g"
set xlabel "time (".time_unit.")"
plot for [i=1:run_count] $samples index i-1 using 1:6 with steps lw width_of(i) lc rgb color_of(i)
unset multiplot
