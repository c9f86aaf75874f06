package org.pagedattention;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which package may know what. The rules hold for packages that do not exist yet. */
@AnalyzeClasses(packages = "org.pagedattention", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ATTENTION = "org.pagedattention.attention..";
    private static final String PAGING = "org.pagedattention.paging..";
    private static final String VECTOR = "org.pagedattention.cpu.vector..";
    private static final String GPU = "org.pagedattention.gpu..";
    private static final String CUDNN = "org.pagedattention.cudnn..";
    private static final String SCORING = "org.pagedattention.scoring..";
    private static final String PLUGIN = "org.pagedattention.plugin..";
    private static final String DIRECT = "org.pagedattention.direct..";
    private static final String JOBS = "org.pagedattention.jobs..";

    private static final String[] CUDA_LIBRARIES = {"jcuda..", "ai.rapids.."};
    private static final String[] SPARK_LIBRARIES = {"org.apache.spark..", "scala.."};

    @ArchTest
    static final ArchRule attentionAndPagingKnowNothingOfSpark = noClasses()
            .that()
            .resideInAnyPackage(ATTENTION, PAGING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SPARK_LIBRARIES)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule attentionAndPagingKnowNothingOfCuda = noClasses()
            .that()
            .resideInAnyPackage(ATTENTION, PAGING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jcuda..", "ai.rapids..", GPU, CUDNN)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule pagingKnowsNothingOfAttention = noClasses()
            .that()
            .resideInAPackage(PAGING)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ATTENTION)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyGpuAndCudnnTouchCuda = noClasses()
            .that()
            .resideOutsideOfPackages(GPU, CUDNN)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CUDA_LIBRARIES)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyPluginUsesThePluginApi = noClasses()
            .that()
            .resideOutsideOfPackage(PLUGIN)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.spark.api.plugin..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyScoringPluginAndJobsUseSpark = noClasses()
            .that()
            .resideOutsideOfPackages(SCORING, DIRECT, PLUGIN, JOBS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SPARK_LIBRARIES)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyVectorUsesTheIncubatorModule = noClasses()
            .that()
            .resideOutsideOfPackage(VECTOR)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jdk.incubator.vector..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles = slices().matching("org.pagedattention.(*)..")
            .should()
            .beFreeOfCycles()
            .allowEmptyShould(true);
}
