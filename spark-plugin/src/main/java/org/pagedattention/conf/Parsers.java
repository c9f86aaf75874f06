package org.pagedattention.conf;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.tensor.ElementType;

/** Turns a setting's text into its value, or says what would be right. */
final class Parsers {
    private static final String SIZE_UNITS = "kmgt";
    private static final Pattern SPEC = Pattern.compile("(\\d{1,5})x(\\d{1,5})x(\\d{1,5}):([^:]+):([^:]+)");

    private Parsers() {}

    static Function<String, String> oneOf(String... allowed) {
        return text -> {
            if (!Arrays.asList(allowed).contains(text)) {
                throw new IllegalArgumentException("set it to " + String.join(", ", allowed));
            }
            return text;
        };
    }

    /** One of an enum's values, by its text. */
    static <E extends Enum<E>> Function<String, E> oneOf(E[] values) {
        String[] names = Arrays.stream(values).map(E::toString).toArray(String[]::new);
        return text -> values[Arrays.asList(names).indexOf(oneOf(names).apply(text))];
    }

    static Function<String, Integer> number(int min, int max) {
        return wholeNumber(min, max).andThen(Math::toIntExact);
    }

    /** A number; {@code auto} is 0. */
    static Function<String, Integer> numberOrAuto(int min, int max) {
        return text -> {
            try {
                return text.equals("auto") ? 0 : number(min, max).apply(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(e.getMessage() + ", or to auto", e);
            }
        };
    }

    static Function<String, Long> wholeNumber(long min, long max) {
        return text -> {
            long value;
            try {
                value = Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(range(min, max), e);
            }
            if (value < min || value > max) {
                throw new IllegalArgumentException(range(min, max));
            }
            return value;
        };
    }

    static Function<String, Double> fraction() {
        return text -> decimal(text, value -> value > 0 && value <= 1, "set it to a fraction above 0 and up to 1");
    }

    /** A fraction; 0 stands for none. */
    static Function<String, Double> share() {
        return text -> decimal(text, value -> value >= 0 && value <= 1, "set it to a fraction from 0 to 1");
    }

    static Function<String, Boolean> yesOrNo() {
        return text -> oneOf("true", "false").apply(text).equals("true");
    }

    /** Bytes, with an optional unit of 1024s: {@code 64m}; {@code auto} is 0. */
    static Function<String, Long> bytesOrAuto(long max) {
        return text -> {
            long bytes = text.equals("auto") ? 0 : bytes(text);
            if (bytes > max) {
                throw new IllegalArgumentException("set it to at most " + (max >> 20) + "m");
            }
            return bytes;
        };
    }

    /** Kinds of attention, such as {@code 32x8x128:bf16:causal}, with commas between; empty for none. */
    static Function<String, List<AttentionSpec>> specs() {
        return text -> text.isEmpty()
                ? List.of()
                : Stream.of(text.split(",", -1)).map(Parsers::spec).toList();
    }

    private static AttentionSpec spec(String text) {
        Matcher parts = SPEC.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException("set it to query heads x KV heads x head dim : type : mask, such as"
                    + " 32x8x128:bf16:causal, several with commas between");
        }
        int headDim = Integer.parseInt(parts.group(3));
        return new AttentionSpec(
                Integer.parseInt(parts.group(1)),
                Integer.parseInt(parts.group(2)),
                headDim,
                headDim,
                ElementType.parse(parts.group(4)),
                Mask.parse(parts.group(5), 0),
                AttentionSpec.defaultScale(headDim));
    }

    /** Index of a GPU; {@code auto} is -1. */
    static Function<String, Integer> deviceOrAuto() {
        return text -> text.equals("auto") ? -1 : number(0, 1023).apply(text);
    }

    private static double decimal(String text, DoublePredicate allowed, String hint) {
        double value;
        try {
            value = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(hint, e);
        }
        if (!allowed.test(value)) {
            throw new IllegalArgumentException(hint);
        }
        return value;
    }

    private static long bytes(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        String digits = lower.replaceFirst("[" + SIZE_UNITS + "]?b?$", "");
        String unit = lower.substring(digits.length()).replace("b", "");
        try {
            long value = Long.parseLong(digits);
            long bytes =
                    unit.isEmpty() ? value : Math.multiplyExact(value, 1L << (10 * (SIZE_UNITS.indexOf(unit) + 1)));
            if (bytes > 0) {
                return bytes;
            }
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException("set it to a size such as 64m or 2g, or to auto", e);
        }
        throw new IllegalArgumentException("set it to a size above 0, such as 64m or 2g, or to auto");
    }

    private static String range(long min, long max) {
        return "set it to a whole number from " + min + " to " + max;
    }
}
