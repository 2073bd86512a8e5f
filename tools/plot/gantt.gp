# One panel per contender: a bar per node from launch to end, pale until it is ready, in the colour
# of its market, and a mark at its end that tells what ended it.
# A panel and the gap below it are 272 pixels high, however many there are; the key is below all.
set multiplot layout run_count,1 margins 0.08,0.98,140/height,1-40/height spacing 68/height
set xrange [0:span]
unset grid
set style fill solid 1.0 noborder
set key horizontal outside center bottom
small(i) = lane_counts[i] > 60 ? 0.35 : lane_counts[i] > 20 ? 0.6 : 1.1
mark(letter) = (strcol(6) eq letter) ? $4 : NaN
market(is_spot) = ($5 == is_spot) ? $3 : NaN
do for [i=1:run_count] {
    set title scenario.": nodes of ".names[i].notes[i]
    set yrange [-0.5:lane_counts[i]-0.5]
    if (lane_counts[i] < 8) { set ytics 1 } else { set ytics autofreq }
    set ylabel "nodes side by side"
    if (i == run_count) { set xlabel "time (".time_unit.")" } else { unset xlabel; unset key }
    if (i == run_count) { set key horizontal outside center bottom }
    plot $bars index i-1 using 2:1:2:3:($1-0.4):($1+0.4) with boxxyerror fc rgb "#C8C8C8" title "booting", \
         '' index i-1 using (market(0)):1:3:4:($1-0.4):($1+0.4) with boxxyerror fc rgb "#0072B2" title "on-demand", \
         '' index i-1 using (market(1)):1:3:4:($1-0.4):($1+0.4) with boxxyerror fc rgb "#E69F00" title "spot", \
         '' index i-1 using (mark('c')):1 with points pt 9 ps small(i) lc rgb "#009E73" title "consolidated or scaled down", \
         '' index i-1 using (mark('d')):1 with points pt 13 ps small(i) lc rgb "#CC79A7" title "drifted or expired", \
         '' index i-1 using (mark('i')):1 with points pt 2 ps small(i) lw 1.5 lc rgb "#D55E00" title "interrupted or broken"
}
unset multiplot
