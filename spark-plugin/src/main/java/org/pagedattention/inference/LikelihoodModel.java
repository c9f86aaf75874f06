package org.pagedattention.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.LikelihoodRules;
import org.pagedattention.likelihood.ScoredRow;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.model.LanguageModel;
import org.pagedattention.model.ModelCard;
import org.pagedattention.model.TokenBatch;
import org.pagedattention.model.TokenIds;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.paging.PageSize;
import org.pagedattention.prefix.PrefixPasses;

/**
 * Says how probable a language model finds texts. Loaded once a process; safe for use by several threads, each of which
 * computes its own rows.
 */
public final class LikelihoodModel implements AutoCloseable {
    private final ModelBackend backend;
    private final LanguageModel model;
    private final LikelihoodTokenizer tokenizer;
    private final LikelihoodRules rules;
    private final boolean share;

    private LikelihoodModel(
            ModelBackend backend,
            LanguageModel model,
            LikelihoodTokenizer tokenizer,
            LikelihoodOptions options,
            int longest) {
        this.backend = backend;
        this.model = model;
        this.tokenizer = tokenizer;
        share = options.sharePrefixes();
        rules = new LikelihoodRules(tokenizer, tokenizer.prefix(), longest, options.specialTokens());
        if (tokenizer.prefix() < 0 || tokenizer.prefix() >= model.vocabulary()) {
            throw new IllegalArgumentException("the prefix token " + tokenizer.prefix() + " is not from 0 to "
                    + (model.vocabulary() - 1) + ": ask for another one");
        }
        Rehearsal.of(backend, longest, this::scoreAll);
    }

    /** Asks each token for the one behind it, whatever that is. */
    private Tensor scoreAll(Pass pass, TokenBatch batch) {
        int tokens = batch.pages().queryTokens();
        return model.logProbs(
                pass, model.forward(pass, batch), IntStream.range(0, tokens).toArray(), new int[tokens]);
    }

    /**
     * Loads a model and its tokenizer.
     *
     * @param backend holds the weights; closed by whoever opened it, after this
     * @param maxTokens most tokens that the model is fed; 0 for as many as it takes
     * @throws IllegalArgumentException when something in the folder is not understood, or missing
     */
    public static LikelihoodModel open(
            ModelFiles files, ModelBackend backend, LikelihoodOptions options, int maxTokens) {
        LanguageModel model = LanguageModel.load(files, backend);
        try {
            int longest = RowTokenizer.longest(files, model.rules(), maxTokens);
            LikelihoodTokenizer tokenizer = LikelihoodTokenizer.load(files, longest, options);
            try {
                return new LikelihoodModel(backend, model, tokenizer, options, longest);
            } catch (RuntimeException e) {
                tokenizer.close();
                throw e;
            }
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Which tokens of a row are scored. */
    public LikelihoodRules rules() {
        return rules;
    }

    /** What keeps a row from this model; empty when nothing does. */
    public Optional<String> problem(ScoredRow row) {
        return row.parts().stream().flatMap(part -> problem(part).stream()).findFirst();
    }

    private Optional<String> problem(ScoredTokens part) {
        // the last token is no input, but in the vocabulary it is
        Optional<String> last = model.problem(TokenIds.of(part.target(part.scored() - 1)));
        return last.isPresent() ? last : model.problem(TokenIds.of(part.fed()));
    }

    /**
     * Which parts go through the model together, so that those that begin alike meet.
     *
     * @param most tokens of a pass, but for a single longer part
     * @param mostSequences sequences of a pass
     */
    PrefixPasses passes(List<ScoredTokens> parts, long most, int mostSequences) {
        List<int[]> fed = parts.stream().map(ScoredTokens::fed).toList();
        int[] needed = parts.stream().mapToInt(part -> part.position(0)).toArray();
        long usual = Math.min(most, backend.passTokens());
        // a tree has fewer than two nodes a part
        int sequences = share ? Math.max(1, mostSequences / 2) : mostSequences;
        PrefixPasses.Limits limits = new PrefixPasses.Limits(needed, PageSize.DEFAULT, usual, most, sequences);
        return share ? PrefixPasses.sharing(fed, limits) : PrefixPasses.unshared(fed, limits);
    }

    /**
     * Starts one pass over some parts.
     *
     * @param from position of the first part before which nothing is asked
     * @param end tokens of each part that take part
     * @param past how they begin, as far as it is not computed
     * @param keep first tokens of the last part to leave to passes to come
     */
    LikelihoodRun start(List<ScoredTokens> parts, int from, int end, Beginning past, int keep) {
        LikelihoodPass asked = new LikelihoodPass(parts, from, end, share, past.held());
        return LikelihoodRun.start(asked, past.pages(), keep, backend, model);
    }

    /** Whether passes are computed while the thread that started them does something else. */
    boolean worksByItself() {
        return backend.worksByItself();
    }

    /**
     * Computes windows of parts, whose passes overlap with whatever the calling thread does.
     *
     * @param most tokens of a pass, but for a single longer part
     * @param mostSequences sequences of a pass
     */
    public LikelihoodFlow flow(long most, int mostSequences) {
        return new LikelihoodFlow(this, most, mostSequences);
    }

    /**
     * The log-likelihoods of some rows, in their order.
     *
     * @param most tokens of a pass
     */
    public List<Likelihood> score(List<ScoredRow> rows, long most) {
        List<ScoredTokens> parts =
                rows.stream().flatMap(row -> row.parts().stream()).toList();
        try (LikelihoodFlow flow = flow(most, Integer.MAX_VALUE)) {
            return ofRows(rows, flow.await(flow.open(parts)));
        }
    }

    /** The log-likelihoods of rows, of those of all their parts. */
    public static List<Likelihood> ofRows(List<ScoredRow> rows, List<Likelihood> parts) {
        List<Likelihood> all = new ArrayList<>();
        int at = 0;
        for (ScoredRow row : rows) {
            int count = row.parts().size();
            all.add(Likelihood.of(parts.subList(at, at + count)));
            at += count;
        }
        return all;
    }

    /** Most tokens that the model is fed. */
    public int longest() {
        return rules.longest();
    }

    /** Token ids are below it. */
    public int vocabulary() {
        return model.vocabulary();
    }

    /** Tokens of a pass beyond which it does not get faster. */
    public int passTokens() {
        return backend.passTokens();
    }

    /** What was understood of the folder, in a line. */
    public String description() {
        return model.description() + ", fed up to " + longest() + " tokens, token " + tokenizer.prefix()
                + " before a text";
    }

    /** The same, in parts. */
    public ModelCard card() {
        return model.card();
    }

    @Override
    public void close() {
        tokenizer.close();
        model.close();
    }
}
