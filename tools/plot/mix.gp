# One panel per contender: nodes by instance type, stacked; a type has the same colour in each.
# Column 2 is the upper edge of all other types, the last one that of the type with most node hours.
array band[8] = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999"]
# A panel and the gap below it are 272 pixels high, however many there are: room for the key beside it.
set multiplot layout run_count,1 margins 0.09,0.82,64/height,1-40/height spacing 68/height
set xrange [0:span]
set yrange [0:*]
set key outside right top
do for [i=1:run_count] {
    set title scenario.": nodes by instance type, ".names[i]
    set ylabel "nodes"
    if (i == run_count) { set xlabel "time (".time_unit.")" } else { unset xlabel }
    plot for [k=1:type_count] $mix index i-1 using 1:(column(type_count+3-k)) with filledcurves x1 \
             fc rgb band[k] title types[k], \
         $mix index i-1 using 1:2 with filledcurves x1 fc rgb "#D9D9D9" title (has_other ? "other" : "")
}
unset multiplot
