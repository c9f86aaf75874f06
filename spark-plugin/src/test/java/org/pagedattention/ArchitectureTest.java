package org.pagedattention;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import java.util.Arrays;
import java.util.stream.Stream;

/** Which package may know what. The rules hold for packages that do not exist yet. */
@AnalyzeClasses(packages = "org.pagedattention", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String TENSOR = room("tensor");
    private static final String DEVICE = room("device");
    private static final String PAGING = room("paging");
    private static final String ATTENTION = room("attention");
    private static final String BACKEND = room("backend");
    private static final String MODEL = room("model");
    private static final String MODEL_FOLDER = room("model.folder");
    private static final String TEXT = room("text");
    private static final String LIKELIHOOD = room("likelihood");
    private static final String PREFIX = room("prefix");
    private static final String INFERENCE = room("inference");
    private static final String CONF = room("conf");
    private static final String LOADING = room("loading");
    private static final String REQUEST = room("request");
    private static final String EXECUTOR = room("executor");
    private static final String CPU = room("cpu");
    private static final String GPU = room("gpu");
    private static final String CUDNN = room("cudnn");
    private static final String CUDNN_LIBRARY = room("cudnn.library");
    private static final String CUDNN_GRAPH = room("cudnn.graph");
    private static final String CUDNN_DEVICE = room("cudnn.device");
    private static final String COLUMNS = room("columns");
    private static final String SCORING = room("scoring");
    private static final String DIRECT = room("direct");
    private static final String FILES = room("files");
    private static final String PLUGIN = room("plugin");
    private static final String ML = room("ml");
    private static final String SQL = room("sql");
    private static final String JOBS = room("jobs");

    private static final String[] CUDA_LIBRARIES = {"jcuda..", "ai.rapids.."};
    private static final String[] SPARK_LIBRARIES = {"org.apache.spark..", "org.apache.hadoop..", "scala.."};
    private static final String[] OURS = {"org.pagedattention.."};

    /** Numbers, what devices can say, pages and paths are at the bottom: of ours they know themselves alone. */
    @ArchTest
    static final ArchRule theBottomRoomsKnowNobody = CompositeArchRule.of(alone(TENSOR))
            .and(alone(DEVICE))
            .and(alone(FILES))
            .and(alone(PAGING))
            .and(alone(ATTENTION, TENSOR))
            .and(alone(BACKEND, ATTENTION, PAGING, TENSOR, DEVICE));

    /** Models run on whatever a backend is; the tokenizers' library is one room's affair. */
    @ArchTest
    static final ArchRule modelsAndTextsKnowFew = CompositeArchRule.of(alone(MODEL, BACKEND, ATTENTION, PAGING, TENSOR))
            .and(alone(MODEL_FOLDER, TENSOR))
            .and(alone(TEXT))
            .and(alone(LIKELIHOOD))
            .and(alone(PREFIX, PAGING))
            .and(alone(INFERENCE, MODEL, TEXT, LIKELIHOOD, PREFIX, BACKEND, PAGING, TENSOR, DEVICE));

    @ArchTest
    static final ArchRule onlyTextKnowsTheTokenizers = noClasses()
            .that()
            .resideOutsideOfPackage(TEXT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl..");

    /** The rest of that library downloads, reports to its maker, and asks for GPUs. */
    @ArchTest
    static final ArchRule onlyNativeCallsOfTheTokenizersAreUsed = rooms(TEXT)
            .dependOnClassesThat(
                    resideInAnyPackage("ai.djl..").and(not(resideInAnyPackage("ai.djl.huggingface.tokenizers.jni.."))));

    @ArchTest
    static final ArchRule pureRoomsKnowNeitherSparkNorCuda = rooms(
                    TENSOR,
                    DEVICE,
                    PAGING,
                    ATTENTION,
                    BACKEND,
                    MODEL,
                    TEXT,
                    LIKELIHOOD,
                    PREFIX,
                    INFERENCE,
                    REQUEST,
                    CONF)
            .dependOnClassesThat()
            .resideInAnyPackage(concat(SPARK_LIBRARIES, CUDA_LIBRARIES));

    @ArchTest
    static final ArchRule backendsKnowNothingOfThoseWhoUseThem = rooms(CPU, GPU, CUDNN)
            .dependOnClassesThat()
            .resideInAnyPackage(
                    MODEL, TEXT, INFERENCE, CONF, REQUEST, EXECUTOR, LOADING, COLUMNS, SCORING, DIRECT, PLUGIN, JOBS);

    @ArchTest
    static final ArchRule theGpuIsNotOnlyForAttention =
            rooms(GPU).dependOnClassesThat().resideInAnyPackage(ATTENTION, PAGING, BACKEND, CUDNN);

    @ArchTest
    static final ArchRule cudnnIsNotOnlyForAttention = rooms(CUDNN_LIBRARY, CUDNN_GRAPH, CUDNN_DEVICE)
            .dependOnClassesThat()
            .resideInAnyPackage(ATTENTION, PAGING, "org.pagedattention.cudnn");

    @ArchTest
    static final ArchRule theLibraryIsBelowItsGraphs =
            rooms(CUDNN_LIBRARY).dependOnClassesThat().resideInAnyPackage(CUDNN_GRAPH, CUDNN_DEVICE);

    @ArchTest
    static final ArchRule whatAJvmSharesKnowsNothingOfRows =
            rooms(EXECUTOR).dependOnClassesThat().resideInAnyPackage(LOADING, SCORING, DIRECT, PLUGIN, COLUMNS);

    @ArchTest
    static final ArchRule modelsAreLoadedForWhoeverAsks = alone(LOADING, INFERENCE, MODEL, BACKEND, CONF, EXECUTOR);

    @ArchTest
    static final ArchRule thePluginKnowsNothingOfRows =
            rooms(PLUGIN).dependOnClassesThat().resideInAnyPackage(SCORING, DIRECT, COLUMNS);

    /** Spark's own ways in stand before the tables: they know what users know, and nobody knows them. */
    @ArchTest
    static final ArchRule waysInKnowWhatUsersKnow = CompositeArchRule.of(
                    alone(ML, SCORING, REQUEST, INFERENCE, LIKELIHOOD, MODEL, BACKEND, CONF))
            .and(alone(SQL, SCORING, REQUEST, INFERENCE, LIKELIHOOD, MODEL, BACKEND, CONF))
            .and(noClasses()
                    .that()
                    .resideOutsideOfPackages(ML, SQL, JOBS)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(ML, SQL));

    @ArchTest
    static final ArchRule columnsKnowNothingOfRows =
            rooms(COLUMNS).dependOnClassesThat().resideInAnyPackage(SCORING, DIRECT, PLUGIN);

    @ArchTest
    static final ArchRule bytesOfParquetKnowNothingOfScoring = rooms(room("direct.parquet"))
            .dependOnClassesThat()
            .resideInAnyPackage(SCORING, REQUEST, EXECUTOR, ATTENTION, GPU, CUDNN, "org.pagedattention.direct");

    @ArchTest
    static final ArchRule onlyGpuCudnnAndColumnsTouchCuda = noClasses()
            .that()
            .resideOutsideOfPackages(GPU, CUDNN, COLUMNS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CUDA_LIBRARIES);

    @ArchTest
    static final ArchRule onlyPluginUsesThePluginApi = noClasses()
            .that()
            .resideOutsideOfPackage(PLUGIN)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.spark.api.plugin..");

    @ArchTest
    static final ArchRule onlyRowsPluginAndJobsUseSpark = noClasses()
            .that()
            .resideOutsideOfPackages(SCORING, DIRECT, LOADING, PLUGIN, FILES, ML, SQL, JOBS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SPARK_LIBRARIES);

    @ArchTest
    static final ArchRule pathsKnowHadoopAlone =
            rooms(FILES, LOADING).dependOnClassesThat().resideInAnyPackage("org.apache.spark..", "scala..");

    @ArchTest
    static final ArchRule onlyVectorUsesTheIncubatorModule = noClasses()
            .that()
            .resideOutsideOfPackage(room("cpu.vector"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jdk.incubator.vector..");

    /** Each package is a slice of its own, those within another package too. */
    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().matching("org.pagedattention.(**)").should().beFreeOfCycles();

    private static String room(String name) {
        return "org.pagedattention." + name + "..";
    }

    private static ClassesShould rooms(String... names) {
        return noClasses().that().resideInAnyPackage(names).should();
    }

    /** A room that knows none of ours but {@code others}. */
    private static ArchRule alone(String room, String... others) {
        String[] known = concat(new String[] {room}, others);
        return rooms(room)
                .dependOnClassesThat(resideInAnyPackage(OURS).and(not(resideInAnyPackage(known))))
                .as(room + " knows none of our rooms but " + String.join(", ", others));
    }

    private static String[] concat(String[] one, String[] other) {
        return Stream.of(one, other).flatMap(Arrays::stream).toArray(String[]::new);
    }
}
