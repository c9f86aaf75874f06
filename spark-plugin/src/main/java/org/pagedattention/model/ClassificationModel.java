package org.pagedattention.model;

import java.util.Locale;
import java.util.Optional;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;

/** A model that gives logits for every row of tokens. Loaded once a process; safe for use by several threads. */
public final class ClassificationModel implements AutoCloseable {
    private final WeightLoader loader;
    private final Body body;
    private final ClassificationHead head;
    private final Labels labels;
    private final TextRules rules;

    private ClassificationModel(
            WeightLoader loader, Body body, ClassificationHead head, Labels labels, TextRules rules) {
        this.loader = loader;
        this.body = body;
        this.head = head;
        this.labels = labels;
        this.rules = rules;
    }

    /**
     * Loads a folder with a head for sequence classification, regression or reranking.
     *
     * @throws ModelFolderException when something in the folder is not understood, or missing
     */
    public static ClassificationModel load(ModelFiles files, ModelBackend backend) {
        WeightLoader loader = new WeightLoader(backend);
        try {
            JsonFile json = JsonFile.read(files, "config.json");
            Family family = Families.of(json);
            Labels labels = Labels.read(json);
            Checkpoint checkpoint = Checkpoint.open(files, "");
            if (!family.classifies(checkpoint)) {
                throw json.refuse("is of a model without a head for classification (architectures "
                        + json.root().path("architectures") + "): give the folder of a classifier or a reranker");
            }
            Body body = family.body(checkpoint, loader);
            ClassificationHead head = family.head(labels.names().size(), checkpoint, loader);
            checkpoint.finish(family::isBesideTheBody);
            return new ClassificationModel(loader, body, head, labels, TextRules.read(files, "", body.longest()));
        } catch (RuntimeException | Error e) {
            loader.close();
            throw e;
        }
    }

    /**
     * Queues the whole model.
     *
     * @return {@code [rows, labels]}
     */
    public Tensor forward(Pass pass, TokenBatch batch) {
        return head.forward(pass, body.forward(pass, batch));
    }

    /** What was understood of the folder, in a line. */
    public String description() {
        return body.description() + ", labels " + String.join(", ", labels.names()) + " (scores: "
                + labels.score().name().toLowerCase(Locale.ROOT) + ")";
    }

    public Labels labels() {
        return labels;
    }

    /** Token types are below it; where it is 1 the model takes no notice of them. */
    public int types() {
        return body.types();
    }

    public TextRules rules() {
        return rules;
    }

    /** What keeps a row from this model; empty when nothing does. */
    public Optional<String> problem(TokenIds row) {
        return body.problem(row);
    }

    @Override
    public void close() {
        loader.close();
    }
}
