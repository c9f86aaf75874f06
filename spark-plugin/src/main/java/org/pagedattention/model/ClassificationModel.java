package org.pagedattention.model;

import java.util.Locale;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.model.folder.ModelFolderException;
import org.pagedattention.model.folder.StoredTensor;
import org.pagedattention.model.folder.TextRules;

/** A model that gives logits for every row of tokens. Loaded once a process; safe for use by several threads. */
public final class ClassificationModel extends LoadedModel {
    private final ClassificationHead head;
    private final Labels labels;

    private ClassificationModel(
            WeightLoader loader, Body body, ClassificationHead head, Labels labels, TextRules rules) {
        super(loader, body, rules);
        this.head = head;
        this.labels = labels;
    }

    /**
     * Loads a folder with a head for sequence classification, regression or reranking.
     *
     * @throws ModelFolderException when something in the folder is not understood, or missing
     */
    public static ClassificationModel load(ModelFiles files, ModelBackend backend) {
        return WeightLoader.load(backend, loader -> {
            RankingModules modules = RankingModules.read(files);
            JsonFile json = JsonFile.read(files, modules.folder() + "config.json");
            Family family = Families.of(json);
            RankingModules.LogitScore score = modules.score();
            Labels labels = score == null ? Labels.read(files, json) : Labels.ofOne(files, json);
            Checkpoint checkpoint = Checkpoint.open(files, modules.folder());
            Body body = family.body(checkpoint, loader);
            ClassificationHead head = score == null
                    ? head(json, family, labels.names().size(), checkpoint, loader)
                    : head(json, family, score, checkpoint, loader);
            checkpoint.finish(family::isBesideTheBody);
            return new ClassificationModel(loader, body, head, labels, rules(files, modules, body));
        });
    }

    private static TextRules rules(ModelFiles files, RankingModules modules, Body body) {
        TextRules.Task task = modules.score() == null ? TextRules.Task.CLASSES : TextRules.Task.NEXT_TOKENS;
        TextRules rules = TextRules.read(files, modules.folder(), body.sizes().longest(), task);
        if (rules.defaultPrompt() != null) {
            throw new ModelFolderException(
                    files,
                    "puts the prompt '" + rules.defaultPrompt() + "' before texts, which classifiers do not here");
        }
        return rules;
    }

    private static ClassificationHead head(
            JsonFile json, Family family, int labels, Checkpoint checkpoint, WeightLoader loader) {
        if (!family.classifies(checkpoint)) {
            throw json.refuse("is of a model without a head for classification (architectures "
                    + json.root().path("architectures") + "): give the folder of a classifier or a reranker"
                    + (family instanceof Family.OfDecoders
                            ? "; a decoder ranks without one when sentence-transformers' modules.json names a"
                                    + " LogitScore, and so the ids of its two answers"
                            : ""));
        }
        return family.head(labels, checkpoint, loader);
    }

    /** How much more probable one next token is than another. */
    private static ClassificationHead head(
            JsonFile json, Family family, RankingModules.LogitScore score, Checkpoint checkpoint, WeightLoader loader) {
        if (!(family instanceof Family.OfDecoders decoders)) {
            throw json.refuse("is of no decoder, and by modules.json its next tokens are scores");
        }
        StoredTensor matrix = decoders.nextTokens(checkpoint);
        int vocabulary = matrix.shape().rows();
        if (score.yes() >= vocabulary || score.no() >= vocabulary) {
            throw json.refuse("has a vocabulary of " + vocabulary + ", and by modules.json tokens " + score.yes()
                    + " and " + score.no() + " are scores");
        }
        Linear difference = loader.difference(matrix, score.yes(), score.no());
        return ClassificationHead.OfToken.ofDecoder(ClassificationHead.Token.LAST, difference);
    }

    /**
     * Queues the whole model.
     *
     * @return {@code [rows, labels]}
     */
    public Tensor forward(Pass pass, TokenBatch batch) {
        return head.forward(pass, batch, body.forward(pass, batch));
    }

    @Override
    public String description() {
        return body.description() + ", " + end();
    }

    @Override
    String end() {
        return "labels " + String.join(", ", labels.names()) + " (scores: "
                + labels.score().name().toLowerCase(Locale.ROOT) + ")";
    }

    public Labels labels() {
        return labels;
    }
}
