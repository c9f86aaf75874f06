package org.pagedattention.jobs;

import org.apache.spark.SparkBuildInfo;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Versions implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"Paged Attention for Apache Spark " + product(), "Apache Spark " + spark()};
    }

    /** This build's version; "development" when run from class files. */
    static String product() {
        String version = Versions.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    static String spark() {
        return SparkBuildInfo.spark_version();
    }
}
