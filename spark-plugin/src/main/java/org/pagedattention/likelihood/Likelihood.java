package org.pagedattention.likelihood;

import java.util.List;

/**
 * How probable a model finds what is scored of a row.
 *
 * @param sum of the natural logarithms of the tokens' probabilities; 0 where no token is scored
 * @param greedy whether each token was the most probable one
 * @param tokenLogProbs one a token that is scored
 */
public record Likelihood(double sum, boolean greedy, float[] tokenLogProbs) {

    /** Of one part. */
    public static Likelihood of(float[] tokenLogProbs, boolean greedy) {
        double sum = 0;
        for (float token : tokenLogProbs) {
            sum += token;
        }
        return new Likelihood(sum, greedy, tokenLogProbs);
    }

    /** Of all parts of a row. */
    public static Likelihood of(List<Likelihood> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        float[] all = new float
                [parts.stream().mapToInt(part -> part.tokenLogProbs.length).sum()];
        int at = 0;
        for (Likelihood part : parts) {
            System.arraycopy(part.tokenLogProbs, 0, all, at, part.tokenLogProbs.length);
            at += part.tokenLogProbs.length;
        }
        return of(all, parts.stream().allMatch(Likelihood::greedy));
    }
}
