package org.pagedattention.model.folder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder of this machine. What is read of a file is mapped: processes that read the same model share its pages.
 *
 * @param path the folder
 */
public record LocalModelFiles(Path path) implements ModelFiles {

    @Override
    public String folder() {
        return path.toString();
    }

    @Override
    public List<String> names() {
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("model " + path + " cannot be listed: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean exists(String name) {
        return Files.isRegularFile(path.resolve(name));
    }

    @Override
    public long size(String name) {
        try {
            return Files.size(path.resolve(name));
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    @Override
    public ByteBuffer read(String name, long offset, long size) {
        try (FileChannel channel = FileChannel.open(path.resolve(name))) {
            if (offset + size > channel.size()) {
                throw new ModelFolderException(this, name + " ends before byte " + (offset + size));
            }
            return channel.map(MapMode.READ_ONLY, offset, size).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private UncheckedIOException unreadable(String name, IOException e) {
        return new UncheckedIOException("model " + path + ": " + name + " cannot be read: " + e.getMessage(), e);
    }
}
