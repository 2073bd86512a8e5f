# A generated trace over the one it was fitted to: cumulative shares of six measures, the recorded
# one wide and grey, the generated one thin and coloured, so that alike means covered.
set encoding utf8
set border 3 linecolor rgb "#444444" linewidth 0.8
set tics nomirror out scale 0.6 textcolor rgb "#222222"
set grid linecolor rgb "#DDDDDD" linewidth 0.7 linetype 1
set title noenhanced offset 0,-0.5 textcolor rgb "#222222"
set xlabel noenhanced
set key noenhanced bottom right Left reverse samplen 2
set yrange [0:1]
set logscale x
set format x "%.0s%c"
set multiplot layout 2,3 title title_text noenhanced
do for [i = 1:words(titles)] {
    set title word(titles, i)
    set xlabel word(units, i)
    plot $first index i-1 using 1:2 with steps lw 5 lc rgb "#BBBBBB" title "recorded", \
         $second index i-1 using 1:2 with steps lw 1.5 lc rgb "#D55E00" title "generated"
}
unset multiplot
