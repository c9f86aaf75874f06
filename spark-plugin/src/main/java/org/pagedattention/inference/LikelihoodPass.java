package org.pagedattention.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.paging.PageSize;
import org.pagedattention.prefix.PrefixTree;

/** What one pass computes: each token of a common prefix once, and each token that is asked for behind another once. */
final class LikelihoodPass {
    private final PrefixTree tree;
    private final List<Asked> parts = new ArrayList<>();
    private final int[] rows;
    private final int[] targets;

    /**
     * What is asked of a part.
     *
     * @param first of its scored tokens, from 0
     * @param answers for it and those behind it the place of the answer among all of the pass
     */
    record Asked(int first, int[] answers) {}

    /**
     * @param from position of the first part before which nothing is asked
     * @param end tokens of each part that take part
     * @param held what an earlier pass has left of them; no token that is asked for stands before the end of it
     */
    LikelihoodPass(List<ScoredTokens> scored, int from, int end, boolean share, PrefixTree.Held held) {
        List<int[]> fed = scored.stream()
                .map(part -> Arrays.copyOf(part.tokens(), Math.min(end, part.tokens().length - 1)))
                .toList();
        tree = share || held.ids().length > 0
                ? PrefixTree.of(fed, PageSize.DEFAULT, held)
                : PrefixTree.unshared(fed, PageSize.DEFAULT);
        List<Long> questions = new ArrayList<>();
        Map<Long, Integer> known = new HashMap<>();
        for (int i = 0; i < fed.size(); i++) {
            ScoredTokens part = scored.get(i);
            int before = part.position(0);
            int first = Math.max(0, (i == 0 ? from : 0) - before);
            int[] answers = new int[Math.max(0, fed.get(i).length - before - first)];
            for (int t = 0; t < answers.length; t++) {
                long question = (long) tree.row(i, part.position(first + t)) << 32 | part.target(first + t);
                answers[t] = known.computeIfAbsent(question, asked -> {
                    questions.add(asked);
                    return questions.size() - 1;
                });
            }
            parts.add(new Asked(first, answers));
        }
        rows = questions.stream().mapToInt(question -> (int) (question >> 32)).toArray();
        targets = questions.stream().mapToInt(Long::intValue).toArray();
    }

    PrefixTree tree() {
        return tree;
    }

    /** Which of the computed tokens stand before those that are asked for. */
    int[] rows() {
        return rows;
    }

    /** What is asked for, one a row. */
    int[] targets() {
        return targets;
    }

    /** What is asked of each part. */
    List<Asked> parts() {
        return parts;
    }

    /** Slots of the first tokens of the last part. */
    int[] slots(int count) {
        return IntStream.range(0, count)
                .map(position -> tree.slot(parts.size() - 1, position))
                .toArray();
    }
}
