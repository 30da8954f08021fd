using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Children;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Releases;

public sealed class ReleaseTests
{
    public static TheoryData<string, Action<AppSpec>, bool> Changes => new()
    {
        { "the image", spec => spec.Image = "registry.example/shop:2", true },
        { "a config var", spec => spec.Config!["LOG_LEVEL"] = "debug", true },
        { "a new config var", spec => spec.Config!["NEW"] = "", true },
        { "a command", spec => spec.Processes![0].Command = ["bin/web"], true },
        { "the release command", spec => spec.Release = new() { Command = ["bin/migrate"] }, true },
        { "a health check", spec => spec.Processes![0].HealthCheckPath = "/up", true },
        { "registry credentials", spec => spec.ImagePullSecrets = [new() { Name = "registry" }], true },
        { "a quantity", spec => spec.Processes![0].Quantity = 9, false },
        { "replicas", spec => spec.Replicas = 9, false },
        { "a size", spec => spec.Processes![0].Size = DynoSizes.Standard2X, false },
        { "a process type without a command", spec => spec.Processes!.Add(new() { Type = "clock" }), false },
        { "a domain", spec => spec.Domains = ["shop.example.com"], false },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_dynos_are_made_of_makes_a_release_and_scaling_does_not(
        string what, Action<AppSpec> change, bool makesRelease)
    {
        var app = Configured();
        var before = Released(app);
        change(app.Spec);

        var plan = Plan(before);

        Assert.NotEmpty(what);
        Assert.Equal(makesRelease, plan.Release is not null);
        Assert.Equal(makesRelease ? 2 : 1, plan.WantedRelease);
    }

    [Fact]
    public void A_changed_secret_makes_a_release()
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];
        var before = Released(app, new SecretDigest("shop-secrets", "aaa"));

        Assert.Null(Plan(before).Release);
        Assert.Equal("shop-r2", Plan(before with { Secrets = [new("shop-secrets", "bbb")] }).Release?.Metadata.Name);
    }

    [Fact]
    public void A_changed_secret_waits_for_its_app_and_both_are_one_release()
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];
        var before = Released(app, new SecretDigest("shop-secrets", "aaa"));
        var changed = before with
        {
            Secrets = [new("shop-secrets", "bbb") { ObservedAt = Sample.Now }],
            Now = Sample.Now.AddSeconds(2),
        };

        Assert.Null(Plan(changed).Release);
        Assert.Equal(1, Plan(changed).WantedRelease);
        Assert.Equal(TimeSpan.FromSeconds(3), Plan(changed).RecheckAfter);
        Assert.NotNull(Plan(changed with { Now = Sample.Now.AddSeconds(5) }).Release);

        app.Spec.Image = "registry.example/shop:2";
        Assert.Equal("shop-r2", Plan(changed).Release?.Metadata.Name);
    }

    [Fact]
    public void A_changed_app_waits_for_its_secrets_so_that_one_commit_is_one_release()
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];
        var before = Released(app, new SecretDigest("shop-secrets", "aaa"));
        app.Spec.Image = "registry.example/shop:2";
        app.Spec.Processes!.Add(new() { Type = "worker", Command = ["bin/worker"] });
        var changed = before with { ChangedAt = Sample.Now, Now = Sample.Now.AddSeconds(2) };

        var waiting = Plan(changed);

        Assert.Null(waiting.Release);
        Assert.Equal(TimeSpan.FromSeconds(3), waiting.RecheckAfter);
        Assert.DoesNotContain(waiting.Dynos, dyno => dyno.Spec.ProcessType == "worker");
        Assert.Equal(Reasons.Progressing, waiting.ReleaseProblem?.Reason);

        // The Secret follows, or nothing does.
        var both = changed with { Secrets = [new("shop-secrets", "bbb") { ObservedAt = Sample.Now.AddSeconds(2) }] };
        Assert.Equal("shop-r2", Plan(both).Release?.Metadata.Name);
        Assert.Equal("shop-r2", Plan(changed with { Now = Sample.Now.AddSeconds(5) }).Release?.Metadata.Name);
    }

    [Fact]
    public void Of_several_secrets_each_is_waited_for()
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "a" } }, new() { SecretRef = new() { Name = "b" } }];
        SecretDigest[] secrets = [new("a", "1"), new("b", "1")];
        app.Status = new() { Release = 1 };
        var stored =
            ReleaseRecord.FromSpec(app.Spec, secrets.ToDictionary(digest => digest.Name)) with { Number = 1 };
        app.Spec.Image = "registry.example/shop:2";
        var changed = Sample.Observed(app) with
        {
            Secrets = [new("a", "2") { ObservedAt = Sample.Now.AddSeconds(1) }, new("b", "1")],
            Releases = [stored],
            ChangedAt = Sample.Now,
            Now = Sample.Now.AddSeconds(1),
        };

        Assert.Null(Plan(changed).Release);
        Assert.NotNull(Plan(changed with { Now = Sample.Now.AddSeconds(6) }).Release);
    }

    [Fact]
    public void Nothing_waits_without_need()
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];
        var first = Sample.Observed(app) with
        {
            Secrets = [new("shop-secrets", "aaa") { ObservedAt = Sample.Now }],
            ChangedAt = Sample.Now,
            Now = Sample.Now,
        };
        Assert.NotNull(Plan(first).Release);

        var plain = Configured();
        var released = Released(plain) with { ChangedAt = Sample.Now, Now = Sample.Now };
        plain.Spec.Image = "registry.example/shop:2";
        Assert.NotNull(Plan(released).Release);

        // A Secret of another name, as Kustomize generates them, comes with its values.
        var renamed = Released(app, new SecretDigest("shop-secrets", "aaa")) with
        {
            ChangedAt = Sample.Now,
            Now = Sample.Now,
            Secrets = [new("shop-secrets-b7k2", "bbb") { ObservedAt = Sample.Now }],
        };
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets-b7k2" } }];
        Assert.NotNull(Plan(renamed).Release);
    }

    [Fact]
    public void No_secret_that_was_made_by_hand_can_block_a_release()
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-r1" } }];
        var observed = Sample.Observed(app) with
        {
            Secrets = [new("shop-r1", "aaa")],
            OtherSecrets = ["shop-r1"],
        };

        var name = Assert.Single(Plan(observed).Secrets).Name;
        Assert.StartsWith("shop-r1-", name, StringComparison.Ordinal);
        Assert.Equal(name, ReleaseRecord.FromRevision(Plan(observed).Release!)!.Secret);
        Assert.NotEqual(name, Assert.Single(Plan(observed with { OtherSecrets = ["shop-r1", name] }).Secrets).Name);
    }

    /// <summary>The operator was stopped after the Secret and before its release.</summary>
    [Theory]
    [InlineData(true, "shop-r1")]
    [InlineData(false, "shop-r1-")]
    public void A_secret_of_a_release_that_was_never_stored_serves_the_same_release_only(bool isSame, string name)
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];
        var observed = Sample.Observed(app) with { Secrets = [new("shop-secrets", "aaa")] };
        var hash = ReleaseRecord.FromRevision(Plan(observed).Release!)!.Hash;

        var release = ReleaseRecord.FromRevision(Plan(observed with
        {
            ReleaseSecrets = [SecretNamed("shop-r1")],
            ReleaseSecretHashes = new Dictionary<string, string> { ["shop-r1"] = isSame ? hash : "other" },
        }).Release!)!;

        Assert.StartsWith(name, release.Secret, StringComparison.Ordinal);
        Assert.Equal(isSame, release.Secret == "shop-r1");
    }

    [Fact]
    public void Values_that_do_not_fit_into_one_secret_are_kept_in_several()
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "b" } }, new() { SecretRef = new() { Name = "a" } }];
        var observed = Sample.Observed(app) with
        {
            Secrets = [new("a", "1") { Size = 700_000 }, new("b", "2") { Size = 600_000 }],
        };

        var plan = Plan(observed);

        Assert.Equal(
            [("shop-r1-1", "b"), ("shop-r1-2", "a")],
            plan.Secrets.Select(secret => (secret.Name, Assert.Single(secret.Sources).Name)));
        var stored = ReleaseRecord.FromRevision(plan.Release!)!;
        Assert.Equal(["shop-r1-1", "shop-r1-2"], stored.Secrets);
        Assert.Null(stored.Secret);
        var kept = observed with
        {
            Releases = [stored],
            ReleaseSecrets = [SecretNamed("shop-r1-1"), SecretNamed("shop-r1-2"), SecretNamed("shop-r0")],
        };
        Assert.Equal(["shop-r0"], Plan(kept).Children.Deleted<V1Secret>().Select(secret => secret.Name));
        var pod = Dynospace.Planning.Dynos.DynoPlanner.Plan(
            Sample.Observed(Sample.Dyno(app, "web", 1), app) with { Releases = [stored] }, Sample.Options).Pod!;
        Assert.Equal(
            ["shop-r1-1", "shop-r1-2"],
            pod.Spec.Containers[0].EnvFrom.Select(source => source.SecretRef.Name));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(99_999, 99_999)]
    [InlineData(100_000, 1)]
    [InlineData(int.MaxValue, 5_122)]
    public void A_release_phase_has_a_dyno_whatever_its_number(long release, int index)
    {
        var app = WithReleasePhase();
        var observed = Released(Configured(), number: release - 1) with { App = app };
        app.Status = new() { Release = release - 1 };

        var phase = Plan(observed).Dynos.Single(dyno => dyno.Spec.ProcessType == "release");

        Assert.Equal((index, release), (phase.Spec.Index, phase.Spec.Release));
        Assert.Equal($"shop.release.{index}", phase.Metadata.Name);
    }

    [Fact]
    public void A_release_keeps_the_values_of_its_secrets()
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "b" } }, new() { SecretRef = new() { Name = "a" } }];
        var observed = Sample.Observed(app) with { Secrets = [new("a", "1"), new("b", "2")] };

        var plan = Plan(observed);
        var secret = Assert.Single(plan.Secrets).Build(app, [Data("SHARED", "from b"), Data("SHARED", "from a")]);

        Assert.Equal(["b", "a"], plan.Secrets[0].Sources.Select(source => source.Name));
        Assert.Equal(("shop-r1", true, "Opaque"), (secret.Metadata.Name, secret.Immutable, secret.Type));
        Assert.Equal(app.Metadata.Uid, Assert.Single(secret.Metadata.OwnerReferences).Uid);
        Assert.Equal("from a", System.Text.Encoding.UTF8.GetString(Assert.Single(secret.Data).Value));
        Assert.Equal("shop-r1", ReleaseRecord.FromRevision(plan.Release!)!.Secret);
    }

    [Fact]
    public void Its_secret_is_made_again_only_while_the_values_are_those_of_the_release()
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];
        var stored =
            ReleaseRecord.FromRevision(
                Plan(Sample.Observed(app) with { Secrets = [new("shop-secrets", "1")] }).Release!)!;
        app.Status = new() { Release = 1 };
        var observed = Sample.Observed(app) with { Secrets = [new("shop-secrets", "1")], Releases = [stored] };

        Assert.Equal("shop-r1", Assert.Single(Plan(observed).Secrets).Name);
        Assert.Empty(Plan(observed with { ReleaseSecrets = [SecretNamed("shop-r1")] }).Secrets);

        var waiting = observed with
        {
            Secrets = [new("shop-secrets", "2") { ObservedAt = Sample.Now }],
            Now = Sample.Now,
        };
        Assert.Empty(Plan(waiting).Secrets);
    }

    [Fact]
    public void The_secret_of_a_release_goes_with_it()
    {
        var app = Configured();
        app.Status = new() { Release = 15 };
        var wanted = Wanted(app, 15);
        var observed = Sample.Observed(app) with
        {
            Releases =
            [
                .. Enumerable.Range(1, 14).Select(n => Sample.Release(n) with { Secret = $"shop-r{n}" }),
                wanted,
            ],
            ReleaseSecrets = [.. Enumerable.Range(1, 14).Select(n => SecretNamed($"shop-r{n}"))],
            Dynos = [Sample.UpDyno(app, "web", 1, 15)],
        };

        Assert.Equal(
            ["shop-r1", "shop-r2", "shop-r3", "shop-r4", "shop-r5"],
            Plan(observed).Children.Deleted<V1Secret>().Select(secret => secret.Name));
    }

    private static ChildIdentity SecretNamed(string name) => ChildIdentity.For<V1Secret>("acme", name, $"uid-{name}");

    private static Dictionary<string, byte[]> Data(string name, string value) =>
        new() { [name] = System.Text.Encoding.UTF8.GetBytes(value) };

    [Fact]
    public void A_release_reads_back_as_it_was_stored()
    {
        var app = Configured();
        app.Spec.Processes![0].Command = ["bin/web", "--port", "$PORT"];
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "b" } }, new() { SecretRef = new() { Name = "a" } }];
        app.Spec.ImagePullSecrets = [new() { Name = "registry" }];
        app.Spec.Release = new() { Command = ["bin/migrate"] };
        var secrets = new Dictionary<string, SecretDigest> { ["a"] = new("a", "1"), ["b"] = new("b", "2") };
        var record = ReleaseRecord.FromSpec(app.Spec, secrets) with { Number = 7 };

        Assert.Equivalent(record, ReleaseRecord.FromRevision(record.ToRevision(app)), strict: true);
    }

    [Fact]
    public void A_release_with_next_to_nothing_reads_back_too()
    {
        var record = new ReleaseRecord { Number = 1, Hash = "h", Image = "i" };

        Assert.Equivalent(record, ReleaseRecord.FromRevision(record.ToRevision(Sample.App())), strict: true);
    }

    [Fact]
    public void A_revision_of_another_controller_is_not_a_release()
    {
        Assert.Null(
            ReleaseRecord.FromRevision(
                new()
                {
                    Revision = 1,
                    Data = System.Text.Json.JsonSerializer.SerializeToElement(new { spec = new { template = 1 } }),
                }));
        Assert.Null(
            ReleaseRecord.FromRevision(
                new()
                {
                    Revision = 1,
                    Data = System.Text.Json.JsonSerializer.SerializeToElement(new { hash = 1, image = true }),
                }));
        Assert.Null(ReleaseRecord.FromRevision(new()));
    }

    [Fact]
    public void No_value_of_a_secret_is_stored()
    {
        var app = Configured();
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];

        var revision = Plan(Sample.Observed(app) with { Secrets = [new("shop-secrets", "digest-of-values")] }).Release!;

        Assert.DoesNotContain("digest-of-values", k8s.KubernetesJson.Serialize(revision), StringComparison.Ordinal);
    }

    [Fact]
    public void When_the_status_was_lost_the_dynos_know_which_release_is_out()
    {
        var app = WithReleasePhase();
        var observed = Released(app, number: 4) with { Dynos = [Sample.UpDyno(app, "web", 1, 4)] };
        app.Status = null;

        Assert.Equal(4, Plan(observed).CurrentRelease);
    }

    [Fact]
    public void A_release_number_is_never_used_twice()
    {
        var app = Configured();
        app.Status = new() { Release = 6 };

        Assert.Equal(
            "shop-r10",
            Plan(Sample.Observed(app) with { Dynos = [Sample.Dyno(app, "web", 1, 9)] }).Release?.Metadata.Name);
    }

    [Theory]
    [InlineData(null, 1L, "shop-r1")]
    [InlineData(1L, 1L, null)]
    [InlineData(1L, 2L, "shop-r2")]
    public void A_new_release_is_not_made_before_the_one_that_dynos_name_was_looked_for(
        long? seen, long named, string? unseen)
    {
        var app = Configured();
        var observed = Sample.Observed(app) with
        {
            Releases = seen is { } number ? [Sample.Release(number)] : [],
            Dynos = [Sample.Dyno(app, "release", 1, named)],
        };

        var plan = Plan(observed);

        Assert.NotNull(plan.Release);
        Assert.Equal(unseen, plan.UnseenRelease);
    }

    [Fact]
    public void Nothing_is_looked_for_while_no_release_is_to_be_made()
    {
        var app = Configured();

        Assert.Null(Plan(Released(app) with { Dynos = [Sample.Dyno(app, "web", 1, 9)] }).UnseenRelease);
    }

    [Fact]
    public void A_number_that_people_wrote_into_a_dyno_of_their_own_is_not_counted_on()
    {
        var app = Configured();
        var oneOff = Sample.Dyno(app, "run", 1, int.MaxValue);
        oneOff.Metadata.OwnerReferences = null;

        var plan = Plan(Sample.Observed(app) with { Dynos = [oneOff] });

        Assert.Equal("shop-r1", plan.Release?.Metadata.Name);
        Assert.Null(plan.UnseenRelease);
    }

    [Theory]
    [InlineData(3, 14, "shop-r4")]
    [InlineData(3, int.MaxValue - 1, "shop-r4")]
    [InlineData(3, int.MaxValue, "shop-r4")]
    [InlineData(3, 5, "shop-r6")]
    public void A_number_that_a_dyno_claims_counts_only_close_to_what_the_operator_itself_wrote(
        long status, long claimed, string release)
    {
        var app = Configured();
        app.Status = new() { Release = status };

        var plan = Plan(Sample.Observed(app) with { Dynos = [Sample.Dyno(app, "web", 2, claimed)] });

        Assert.Equal(release, plan.Release?.Metadata.Name);
    }

    [Fact]
    public void A_number_that_the_status_of_a_dyno_names_counts()
    {
        var app = Configured();
        var dyno = Sample.Dyno(app, "web", 1, 500);
        dyno.Status = new() { Release = 500 };

        Assert.Equal("shop-r501", Plan(Sample.Observed(app) with { Dynos = [dyno] }).Release?.Metadata.Name);
    }

    [Fact]
    public void A_stored_release_that_no_dyno_may_name_neither_counts_nor_stays()
    {
        var app = Configured();
        app.Status = new() { Release = 1 };
        var observed = Sample.Observed(app) with
        {
            Releases = [Sample.Release(1), Sample.Release(2147483648)],
            Dynos = [Sample.Dyno(app, "web", 1, 1)],
        };

        var plan = Plan(observed);

        Assert.Equal("shop-r2", plan.Release?.Metadata.Name);
        Assert.Contains(plan.Children.Deleted<V1ControllerRevision>(), child => child.Name == "shop-r2147483648");
    }

    [Fact]
    public void A_dyno_that_names_no_release_does_not_say_which_is_out()
    {
        var app = Configured();
        var observed = Sample.Observed(app) with
        {
            Releases = [Sample.Release(1)],
            Dynos = [Sample.Dyno(app, "web", 1, 1), Sample.Dyno(app, "web", 2, int.MaxValue)],
        };
        var phased = WithReleasePhase();

        Assert.Equal(1, Plan(observed with { App = phased }).CurrentRelease);
    }

    [Fact]
    public void A_process_type_waits_for_the_release_that_brings_its_command()
    {
        var app = WithReleasePhase();
        var observed = Released(app) with { Dynos = [Sample.UpDyno(app, "web", 1)] };
        app.Spec.Processes!.Add(new() { Type = "worker", Command = ["bin/worker"] });

        Assert.DoesNotContain(Plan(observed).Dynos, dyno => dyno.Spec.ProcessType == "worker");
    }

    [Fact]
    public void The_newest_releases_and_those_in_use_are_kept()
    {
        var app = Configured();
        var wanted = Wanted(app, 15);
        app.Status = new() { Release = 15 };
        var observed = Sample.Observed(app) with
        {
            Releases = [.. Enumerable.Range(1, 14).Select(n => Sample.Release(n) with { Uid = $"r{n}" }), wanted],
            Dynos = [Sample.UpDyno(app, "web", 1, 15), Sample.Dyno(app, "run", 1, 3)],
        };

        Assert.Equal(
            ["shop-r1", "shop-r2", "shop-r4", "shop-r5"],
            Plan(observed).Children.Deleted<V1ControllerRevision>().Select(release => release.Name));
    }

    private static App Configured()
    {
        var app = Sample.App("shop", ("web", 1));
        app.Spec.Config = new Dictionary<string, string> { ["LOG_LEVEL"] = "info", ["A"] = "b" };
        return app;
    }

    private static App WithReleasePhase()
    {
        var app = Configured();
        app.Spec.Release = new() { Command = ["bin/migrate"] };
        return app;
    }

    /// <summary>The app with the release that its spec asks for now being out.</summary>
    private static ObservedApp Released(App app, SecretDigest? secret = null, long number = 1)
    {
        SecretDigest[] secrets = secret is null ? [] : [secret];
        app.Status = new() { Release = number };
        return Sample.Observed(app) with
        {
            Secrets = secrets,
            Releases =
            [
                ReleaseRecord.FromSpec(app.Spec, secrets.ToDictionary(digest => digest.Name)) with { Number = number },
            ],
        };
    }

    private static ReleaseRecord Wanted(App app, long number) =>
        ReleaseRecord.FromSpec(app.Spec, new Dictionary<string, SecretDigest>()) with { Number = number };

    private static AppPlan Plan(ObservedApp observed) => AppPlanner.Plan(observed, Sample.Options);
}
