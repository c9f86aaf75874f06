package org.pagedattention.model;

import java.util.Optional;
import org.pagedattention.model.folder.TextRules;

/** What models of all kinds are: a body and its weights. Loaded once a process; safe for use by several threads. */
public abstract sealed class LoadedModel implements AutoCloseable
        permits ClassificationModel, EmbeddingModel, LanguageModel {
    private final WeightLoader loader;
    final Body body;
    private final TextRules rules;

    /** @param loader has loaded all weights */
    LoadedModel(WeightLoader loader, Body body, TextRules rules) {
        this.loader = loader;
        this.body = body;
        this.rules = rules;
    }

    /** What is made of the body's rows, in words. */
    abstract String end();

    /** What was understood of the folder, in a line. */
    public abstract String description();

    /** The same, in parts. */
    public final ModelCard card() {
        Body.Sizes sizes = body.sizes();
        return new ModelCard(
                body.description(), end(), sizes.layers(), sizes.hidden(), sizes.vocabulary(), sizes.longest());
    }

    /** Token types are below it; where it is 1 the model takes no notice of them. */
    public final int types() {
        return body.sizes().types();
    }

    public final TextRules rules() {
        return rules;
    }

    /** What keeps a row from this model; empty when nothing does. */
    public final Optional<String> problem(TokenIds row) {
        return body.problem(row);
    }

    @Override
    public final void close() {
        loader.close();
    }
}
