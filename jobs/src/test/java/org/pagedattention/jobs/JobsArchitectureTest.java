package org.pagedattention.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;

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
    static final ArchRule tablesKnowNoCommandLine = onlyAmongJobs("table", "table", "tuning");

    @ArchTest
    static final ArchRule theCommandLineKnowsNoJob = onlyAmongJobs("cli", "cli", "table", "tuning");

    @ArchTest
    static final ArchRule optionsKnowNoCommand = onlyAmongJobs("options", "options", "cli", "table");

    @ArchTest
    static final ArchRule aRunKnowsNoCommand =
            onlyAmongJobs("run", "run", "report", "explain", "options", "cli", "table", "tuning");

    @ArchTest
    static final ArchRule aReportKnowsNoCommand = onlyAmongJobs("report", "report", "cli", "table");

    @ArchTest
    static final ArchRule anExplanationKnowsNoCommand = onlyAmongJobs("explain", "explain", "cli", "table");

    /** Each package is a slice of its own, those within another package and the jobs' own too. */
    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().matching("org.pagedattention.(**)").should().beFreeOfCycles();

    /** Of the jobs' rooms, {@code room} knows none but {@code known}; classes of a nested package belong to its room. */
    private static ArchRule onlyAmongJobs(String room, String... known) {
        String others = "org\\.pagedattention\\.jobs\\.(?!(?:" + String.join("|", known) + ")\\.).*";
        return noClasses()
                .that()
                .resideInAPackage(JOBS + room + "..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(others)
                .as(room + " knows no rooms of the jobs but "
                        + Stream.of(known).sorted().toList());
    }
}
