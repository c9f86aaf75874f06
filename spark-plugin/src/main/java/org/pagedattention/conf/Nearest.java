package org.pagedattention.conf;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds what somebody meant to type. */
final class Nearest {
    private Nearest() {}

    /** The candidate with the fewest edits from {@code typed}, upper and lower case alike. */
    static String to(String typed, List<String> candidates) {
        return candidates.stream()
                .min(Comparator.comparingInt(
                        candidate -> distance(typed.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT))))
                .orElseThrow();
    }

    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
