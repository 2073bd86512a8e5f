# Points of a sweep: the first objective against the second; the colour tells the third. The front
# is joined, what is there now is a cross, the best point a ring.
set border 3 linecolor rgb "#444444" linewidth 0.8
set tics nomirror out scale 0.6
set grid linecolor rgb "#DDDDDD" linewidth 0.7 linetype 1
set title noenhanced left offset 0,-0.3
set key noenhanced outside top right horizontal Left reverse
set xlabel noenhanced
set ylabel noenhanced
set cblabel noenhanced
set palette defined (0 "#0072B2", 0.5 "#F0E442", 1 "#D55E00")
set title title_text
set xlabel x_title
set ylabel y_title
set cblabel c_title
plot $points using 1:2:3 with points pt 7 ps 0.8 lc palette title "points", \
     $front using 1:2 with steps lw 1.5 lc rgb "#444444" title "front", \
     $now using 1:2 with points pt 2 ps 1.8 lw 2 lc rgb "#000000" title "as it is", \
     $best using 1:2 with points pt 6 ps 2.2 lw 2 lc rgb "#009E73" title "best"
