package org.pagedattention.model;

import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.backend.Weight;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.model.folder.TextRules;

/**
 * A decoder that says how probable each token is behind the tokens before it. Loaded once a process; safe for use by
 * several threads.
 */
public final class LanguageModel extends LoadedModel {
    private final Weight head;

    private LanguageModel(WeightLoader loader, Body body, Weight head, TextRules rules) {
        super(loader, body, rules);
        this.head = head;
    }

    /**
     * Loads the folder of a decoder with a head for next tokens, of its own or tied to its table of tokens.
     *
     * @throws ModelFolderException when something in the folder is not understood, or missing
     */
    public static LanguageModel load(ModelFiles files, ModelBackend backend) {
        return WeightLoader.load(backend, loader -> {
            JsonFile json = JsonFile.read(files, "config.json");
            if (!(Families.of(json) instanceof Family.OfDecoders family)) {
                throw json.refuse("is of the family " + json.string("model_type")
                        + ", whose tokens see those behind them, so it gives no probabilities of next tokens: give the"
                        + " folder of a decoder");
            }
            Checkpoint checkpoint = Checkpoint.open(files, "");
            Body body = family.body(checkpoint, loader);
            Weight head = loader.matrix(family.nextTokens(checkpoint));
            checkpoint.finish(family::isBesideTheBody);
            return new LanguageModel(
                    loader, body, head, TextRules.read(files, "", body.sizes().longest(), TextRules.Task.NEXT_TOKENS));
        });
    }

    /**
     * Queues the model's body.
     *
     * @param batch whose pages may share tokens, and may have more keys than queries: those before a row's first token
     * @return {@code [tokens, hidden]}, behind the last norm: row by row what {@link #logProbs} takes
     */
    public Tensor forward(Pass pass, TokenBatch batch) {
        return body.forward(pass, batch);
    }

    /**
     * Queues how probable tokens are.
     *
     * @param hidden of {@link #forward}
     * @param rows of {@code hidden}: the tokens before those that are asked for
     * @param targets the ids asked for, one a row
     * @return {@code [rows, 2]}: the natural logarithm of the token's probability, and 1 where the model finds no token
     *     more probable, else 0
     */
    public Tensor logProbs(Pass pass, Tensor hidden, int[] rows, int[] targets) {
        return pass.scope(() -> pass.logProbs(pass.rows(hidden, rows), head, targets));
    }

    @Override
    public String description() {
        return body.description() + ", " + vocabulary() + " tokens";
    }

    @Override
    String end() {
        return "probabilities of next tokens";
    }

    /** Numbers of a token's row behind the last norm. */
    public int hidden() {
        return body.sizes().hidden();
    }

    /** Token ids are below it. */
    public int vocabulary() {
        return body.sizes().vocabulary();
    }
}
