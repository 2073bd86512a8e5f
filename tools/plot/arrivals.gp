# Pods created per hour; the same for every contender.
set lmargin 10
set xrange [0:span]
set yrange [0:*]
unset key
set style fill solid 1.0 noborder
set boxwidth span/120.0*0.92
set title scenario.": pods created"
set xlabel "time (".time_unit.")"
set ylabel "pods per hour"
plot $arrivals using 1:2 with boxes fc rgb "#4D4D4D"
