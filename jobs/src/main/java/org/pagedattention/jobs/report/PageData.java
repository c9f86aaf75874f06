package org.pagedattention.jobs.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a page shows, as its script reads it.
 *
 * @param title of the page
 * @param product what made it, and when
 * @param output the table that was written
 * @param tiles the first numbers to see
 * @param map vectors in two dimensions; null for none
 * @param cards tables of facts
 * @param end a line for the page's end
 */
record PageData(
        String title,
        String product,
        String output,
        List<Tile> tiles,
        @Nullable VectorMap map,
        List<Chart> charts,
        List<Card> cards,
        String end) {

    /**
     * A large number.
     *
     * @param more a line below; may be empty
     */
    record Tile(String name, String value, String more) {}

    /**
     * A table of facts.
     *
     * @param numbers whether values are numbers
     */
    record Card(String title, boolean numbers, List<Fact> facts) {}

    /**
     * One of the kinds amounts, bars and line, which each have their own list.
     *
     * @param name what bars count; empty for other kinds
     * @param unit of the horizontal axis of amounts and bars, of the vertical one of a line
     */
    record Chart(
            String kind,
            String title,
            String caption,
            String name,
            String unit,
            List<Amount> amounts,
            List<Bars.Bar> bars,
            List<Point> points) {

        static Chart amounts(String title, String caption, String unit, List<Amount> amounts) {
            return new Chart("amounts", title, caption, "", unit, amounts, List.of(), List.of());
        }

        static Chart bars(String title, String caption, String name, String unit, List<Bars.Bar> bars) {
            return new Chart("bars", title, caption, name, unit, List.of(), bars, List.of());
        }

        static Chart line(String title, String caption, String unit, List<Point> points) {
            return new Chart("line", title, caption, "", unit, List.of(), List.of(), points);
        }
    }

    /**
     * A bar with its number in words.
     *
     * @param ours whether it is what the job did, and not what is compared with it
     */
    record Amount(String name, double value, String text, boolean ours) {}

    /** A point of a line. */
    record Point(double x, double y) {}
}
