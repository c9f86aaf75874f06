package org.pagedattention.inference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.paging.PageSize;
import org.pagedattention.prefix.PrefixTree;

/** What one pass computes: each token of a common prefix once, and each token that is asked for behind another once. */
final class LikelihoodPass {
    private final List<ScoredTokens> parts;
    private final PrefixTree tree;
    /** Of all tokens that are asked for, part after part, the place of their answer. */
    private final int[] answers;

    private final int[] rows;
    private final int[] targets;

    LikelihoodPass(List<ScoredTokens> parts, boolean share) {
        this.parts = parts;
        List<int[]> fed = parts.stream().map(ScoredTokens::fed).toList();
        tree = share ? PrefixTree.of(fed, PageSize.DEFAULT) : PrefixTree.unshared(fed, PageSize.DEFAULT);
        answers = new int[parts.stream().mapToInt(ScoredTokens::scored).sum()];
        List<Long> questions = new ArrayList<>();
        Map<Long, Integer> known = new HashMap<>();
        int at = 0;
        for (int i = 0; i < parts.size(); i++) {
            ScoredTokens part = parts.get(i);
            for (int t = 0; t < part.scored(); t++) {
                long question = (long) tree.slot(i, part.position(t)) << 32 | part.target(t);
                answers[at++] = known.computeIfAbsent(question, asked -> {
                    questions.add(asked);
                    return questions.size() - 1;
                });
            }
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

    List<ScoredTokens> parts() {
        return parts;
    }

    /** The place among {@link #targets} of the answers of all parts, one part after the other. */
    int[] answers() {
        return answers;
    }
}
