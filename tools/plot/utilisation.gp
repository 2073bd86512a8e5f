# One panel per contender: lanes of nodes upwards, time to the right, the colour is CPU requested of
# CPU offered. White: no node there. See plot_lanes.c for lanes.
# A panel and the gap below it are 272 pixels high, however many there are.
set multiplot layout run_count,1 margins 0.09,0.86,64/height,1-40/height spacing 68/height
set palette defined (0 "#FDE725", 25 "#7AD151", 50 "#22A884", 75 "#2A788E", 100 "#440154")
set cbrange [0:100]
set cblabel "CPU requested (%)" textcolor rgb "#222222"
set xrange [0:span]
unset grid
set datafile missing
unset key
do for [i=1:run_count] {
    set title scenario.": utilisation of nodes, ".names[i]
    set yrange [0:lane_counts[i]]
    if (lane_counts[i] < 8) { set ytics 1 } else { set ytics autofreq }
    set ylabel "nodes side by side"
    if (i == run_count) { set xlabel "time (".time_unit.")" } else { unset xlabel }
    plot $heat index i-1 using 1:2:3 with image
}
unset multiplot
