package org.pagedattention.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which room of the jobs may know what. The library's own rules are watched where it is built. */
@AnalyzeClasses(packages = "org.pagedattention.jobs", importOptions = DoNotIncludeTests.class)
class JobsArchitectureTest {
    private static final String JOBS = "org.pagedattention.jobs.";

    @ArchTest
    static final ArchRule onlyBenchesLookIntoBackends = noClasses()
            .that()
            .resideOutsideOfPackage(JOBS + "bench..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.pagedattention.cpu..",
                    "org.pagedattention.gpu..",
                    "org.pagedattention.cudnn..",
                    "org.pagedattention.columns..");

    @ArchTest
    static final ArchRule tablesKnowNoCommand = noClasses()
            .that()
            .resideInAPackage(JOBS + "table..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    JOBS + "cli..",
                    JOBS + "score..",
                    JOBS + "verify..",
                    JOBS + "generate..",
                    JOBS + "lengths..",
                    JOBS + "bench..",
                    JOBS + "doctor..");

    @ArchTest
    static final ArchRule roomsAreFreeOfCycles =
            slices().matching("org.pagedattention.jobs.(*)..").should().beFreeOfCycles();
}
