package org.pagedattention.jobs.options;

import org.pagedattention.jobs.cli.Required;
import picocli.CommandLine.Option;

/** The model of a job that cannot do without. */
public final class ModelOption {
    @Option(
            names = "--model",
            paramLabel = "PATH",
            description = "Folder of the model as Hugging Face has it (config.json, model.safetensors, tokenizer.json,"
                    + " what sentence-transformers adds), on any file system that Hadoop reaches; required")
    private String folder = "";

    public void require(Required required) {
        required.need("--model", !folder.isEmpty());
    }

    public String folder() {
        return folder;
    }
}
