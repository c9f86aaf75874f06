package org.pagedattention.scoring.models;

import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.pagedattention.model.ModelFiles;

/**
 * A model's folder as the driver found it, so that no executor works with another one.
 *
 * @param path as the user gave it
 * @param stamp another one when a file there has changed
 * @param files names and sizes, which a copy on another machine has too
 */
record ModelFolder(String path, String stamp, String files) implements Serializable {

    static ModelFolder of(String path, Configuration hadoop) {
        return new ModelFolder(path, HadoopModelFiles.stamp(path, hadoop), HadoopModelFiles.sizes(path, hadoop));
    }

    /**
     * The folder, on the machine of a task.
     *
     * @throws IllegalStateException when there is another one now
     */
    ModelFiles open(Configuration hadoop) {
        ModelFiles opened = HadoopModelFiles.of(path, hadoop);
        String now = HadoopModelFiles.sizes(path, hadoop);
        if (!now.equals(files)) {
            throw new IllegalStateException("model " + path
                    + " is another one here than where the job was planned, or changed since (files there: " + files
                    + "; here: " + now + "): put the same folder on every machine, or on a file system that all of them"
                    + " reach, and leave it alone while jobs run");
        }
        return opened;
    }
}
