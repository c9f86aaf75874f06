package org.pagedattention.jobs.report;

import java.util.Locale;

/** Numbers for people. */
final class Words {
    private Words() {}

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static String count(double value) {
        return number(value, 0);
    }

    static String number(double value, int digits) {
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }

    static String percent(double part, double whole) {
        return whole == 0 ? "0%" : number(100 * part / whole, 1) + "%";
    }

    static String shortly(long value) {
        return shortly((double) value);
    }

    /** A count as short as a tile wants it. */
    static String shortly(double value) {
        String[] units = {"", "k", "M", "G", "T"};
        int unit = 0;
        double left = value;
        while (left >= 999.5 && unit < units.length - 1) {
            left /= 1000;
            unit++;
        }
        int digits = unit == 0 || left >= 99.5 ? 0 : left >= 9.95 ? 1 : 2;
        return number(left, digits) + units[unit];
    }

    static String time(double seconds) {
        if (seconds < 60) {
            return number(seconds, seconds < 10 ? 2 : 1) + " s";
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? whole / 60 + " min " + whole % 60 + " s"
                : whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }
}
