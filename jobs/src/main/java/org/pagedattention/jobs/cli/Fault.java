package org.pagedattention.jobs.cli;

import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fault and what to say of it.
 *
 * @param sign found in what a chain of causes says
 * @param advice makes the sentence of what was found and the name of the file in question, as far as that is known
 */
record Fault(Pattern sign, BiFunction<MatchResult, String, String> advice) {

    /** The sentence, where {@code text} has the sign. */
    Optional<String> in(String text, String file) {
        Matcher matcher = sign.matcher(text);
        return matcher.find() ? Optional.of(advice.apply(matcher.toMatchResult(), file)) : Optional.empty();
    }
}
