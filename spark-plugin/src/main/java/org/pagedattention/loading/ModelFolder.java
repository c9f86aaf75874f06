package org.pagedattention.loading;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.pagedattention.model.folder.ModelFiles;

/**
 * A model's folder as the driver found it, so that nobody works with another one.
 *
 * @param path the same place for every process
 * @param files what it holds, in words
 */
public record ModelFolder(String path, List<String> files) implements Serializable {

    /**
     * Looks at the folder, once for all that is done with it.
     *
     * @throws IllegalArgumentException when it is not there
     */
    public static ModelFolder of(String path, Configuration hadoop) {
        return new ModelFolder(HadoopModelFiles.qualified(path, hadoop), HadoopModelFiles.fingerprint(path, hadoop));
    }

    /**
     * The folder, on the machine of a task.
     *
     * @throws IllegalStateException when there is another one now
     */
    public ModelFiles open(Configuration hadoop) {
        ModelFiles opened = HadoopModelFiles.of(path, hadoop);
        List<String> now = HadoopModelFiles.fingerprint(path, hadoop);
        if (!now.equals(files)) {
            throw new IllegalStateException("model " + path
                    + " is another one here than where the job was planned, or changed since (there: "
                    + without(files, now) + "; here: " + without(now, files)
                    + "): put the same folder on every machine, or on a file system that all of them reach, and leave it"
                    + " alone while jobs run");
        }
        return opened;
    }

    private static String without(List<String> files, List<String> others) {
        List<String> rest =
                files.stream().filter(file -> !others.contains(file)).toList();
        return rest.isEmpty() ? "no more" : String.join(", ", rest);
    }
}
