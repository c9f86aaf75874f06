package org.pagedattention.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.backend.Tensor;
import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.model.folder.ModelFolderException;
import org.pagedattention.model.folder.TextRules;

/** A model that gives a vector for every row of tokens. Loaded once a process; safe for use by several threads. */
public final class EmbeddingModel extends LoadedModel {
    private final List<SentenceStep> steps;

    private EmbeddingModel(WeightLoader loader, Body body, List<SentenceStep> steps, TextRules rules) {
        super(loader, body, rules);
        this.steps = steps;
    }

    /**
     * Loads a folder of sentence-transformers, or any other for which the caller says how to pool.
     *
     * @param pooling how to pool, where the folder has no modules.json
     * @param normalize whether vectors have length 1; empty for what the folder says, which is no without a modules.json
     * @throws ModelFolderException when something in the folder is not understood, or missing
     */
    public static EmbeddingModel load(
            ModelFiles files, ModelBackend backend, Optional<SequencePooling> pooling, Optional<Boolean> normalize) {
        boolean modules = SentenceModules.areIn(files);
        if (modules == pooling.isPresent()) {
            throw new ModelFolderException(
                    files,
                    modules
                            ? "has a modules.json that says how to pool, so no other pooling can be chosen"
                            : "has no modules.json, so nothing says how a text's vector comes from those of its tokens:"
                                    + " choose a pooling with option pool");
        }
        String folder = modules ? SentenceModules.transformerFolder(files) : "";
        return WeightLoader.load(backend, loader -> {
            Family family = Families.of(JsonFile.read(files, folder + "config.json"));
            Checkpoint checkpoint = Checkpoint.open(files, folder);
            Body body = family.body(checkpoint, loader);
            checkpoint.finish(family::isBesideTheBody);
            List<SentenceStep> steps = pooling.isPresent()
                    ? List.of(new SentenceStep.Pool(List.of(pooling.get()), true))
                    : SentenceModules.load(files, loader, body.sizes().hidden());
            List<SentenceStep> asked =
                    normalize.map(yes -> normalized(steps, yes)).orElse(steps);
            return new EmbeddingModel(
                    loader,
                    body,
                    asked,
                    TextRules.read(files, folder, body.sizes().longest(), TextRules.Task.FEATURES));
        });
    }

    /**
     * The pooling that sentence-transformers calls {@code name}, such as mean or cls.
     *
     * @throws IllegalArgumentException when it has none of that name
     */
    public static SequencePooling pooling(String name) {
        return SentenceModules.pooling(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "pooling '" + name + "' is not known: use one of " + SentenceModules.poolings()));
    }

    /** The same steps with vectors of length 1 at their end, or with whatever length they come in. */
    private static List<SentenceStep> normalized(List<SentenceStep> steps, boolean yes) {
        List<SentenceStep> asked = new ArrayList<>(steps);
        while (asked.get(asked.size() - 1) instanceof SentenceStep.Normalize) {
            asked.remove(asked.size() - 1);
        }
        if (yes) {
            asked.add(new SentenceStep.Normalize());
        }
        return List.copyOf(asked);
    }

    /**
     * Queues the whole model.
     *
     * @param promptTokens tokens of the prompt at the start of every row, of which some models take no notice
     * @return {@code [rows, dimension]}
     */
    public Tensor forward(Pass pass, TokenBatch batch, int promptTokens) {
        Tensor x = body.forward(pass, batch);
        for (SentenceStep step : steps) {
            x = step.apply(pass, x, promptTokens);
        }
        return x;
    }

    @Override
    public String description() {
        return body.description() + ", then " + end();
    }

    @Override
    String end() {
        return steps.stream().map(SentenceStep::description).collect(Collectors.joining(", "));
    }

    /** Numbers of a vector. */
    public int dimension() {
        int width = body.sizes().hidden();
        for (SentenceStep step : steps) {
            width = step.width(width);
        }
        return width;
    }
}
