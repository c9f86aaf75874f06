package org.pagedattention.jobs.bench.embed;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.pagedattention.model.folder.ModelFiles;

/** A model's folder, but for how long its texts may be. */
public record LongTexts(ModelFiles files, int longest) implements ModelFiles {
    private static final String FILE = "sentence_bert_config.json";

    @Override
    public String folder() {
        return files.folder();
    }

    @Override
    public List<String> names() {
        return files.names();
    }

    @Override
    public boolean exists(String name) {
        return files.exists(name);
    }

    @Override
    public long size(String name) {
        return name.equals(FILE) ? config().length : files.size(name);
    }

    @Override
    public ByteBuffer read(String name, long offset, long size) {
        return name.equals(FILE) ? ByteBuffer.wrap(config(), (int) offset, (int) size) : files.read(name, offset, size);
    }

    private byte[] config() {
        return ("{\"max_seq_length\": " + longest + "}").getBytes(StandardCharsets.UTF_8);
    }
}
