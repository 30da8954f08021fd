using Dynospace.Api.Dynos;
using Dynospace.Cli.Platform;
using Dynospace.Runtime;
using k8s.Models;
using Xunit;

namespace Dynospace.Cli.Tests.Platform;

public sealed class PlatformTreeTests
{
    [Fact]
    public void Everything_stands_below_its_parent_web_dynos_first_by_number()
    {
        var state = new PlatformState(
            [Samples.Space("b"), Samples.Space("a")],
            [Samples.App("a", "shop")],
            [
                Samples.Dyno("a", "shop", "mail", 1),
                Samples.Dyno("a", "shop", "web", 10),
                Samples.Dyno("a", "shop", "web", 9),
            ],
            new Dictionary<ObjectKey, string>());
        Assert.Equal(
            ["Space a", "App a/shop", "Dyno a/shop.web.9", "Dyno a/shop.web.10", "Dyno a/shop.mail.1", "Space b"],
            PlatformTree.Rows(PlatformTree.Build(state)).Select(row => row.ToString()));
    }

    [Fact]
    public void Orphans_are_shown_below_a_parent_that_says_it_is_missing()
    {
        var state = PlatformState.Empty with { Dynos = [Samples.Dyno("lost", "shop", "run", 1)] };
        var rows = PlatformTree.Rows(PlatformTree.Build(state)).ToList();
        Assert.Equal(["Space lost", "App lost/shop", "Dyno lost/shop.run.1"], rows.Select(row => row.ToString()));
        Assert.Equal([Health.Bad, Health.Bad, Health.Good], rows.Select(row => row.Health));
    }

    [Fact]
    public void A_condition_of_an_older_spec_is_not_believed()
    {
        var space = Samples.Space("a");
        space.Metadata.Generation = 2;
        Assert.Equal(Health.Working, RowBuilder.FromSpace(space).Health);
    }

    [Fact]
    public void An_object_without_status_is_being_worked_on()
    {
        var app = Samples.App("a", "shop");
        app.Status = null;
        Assert.Equal(Health.Working, RowBuilder.FromApp(app, null).Health);
    }

    [Fact]
    public void Only_what_is_stalled_is_in_trouble()
    {
        Assert.Equal(Health.Working, RowBuilder.FromApp(Samples.App("a", "shop", "False"), null).Health);
        Assert.Equal(Health.Bad, RowBuilder.FromApp(Samples.App("a", "shop", "False", isStalled: true), null).Health);
    }

    [Theory]
    [InlineData(DynoState.Up, Health.Good)]
    [InlineData(DynoState.Complete, Health.Good)]
    [InlineData(DynoState.Starting, Health.Working)]
    [InlineData(DynoState.Pending, Health.Working)]
    [InlineData(DynoState.Crashed, Health.Bad)]
    [InlineData(DynoState.Failed, Health.Bad)]
    internal void Dynos_fare_by_their_state(DynoState state, Health health) =>
        Assert.Equal(health, RowBuilder.FromDyno(Samples.Dyno("a", "shop", "web", 1, state)).Health);

    [Fact]
    public void What_is_being_deleted_is_not_ready()
    {
        var dyno = Samples.Dyno("a", "shop", "web", 1);
        dyno.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        Assert.Equal(Health.Working, RowBuilder.FromDyno(dyno).Health);
    }

    [Fact]
    public void Readiness_names_what_is_not_ready_and_what_was_never_seen()
    {
        var tree = PlatformTree.Build(Samples.Mixed());
        var problems = Readiness.NotReady(
            tree,
            [(RowKind.Space, ObjectKey.ClusterScoped("acme-prod")), (RowKind.App, new ObjectKey("acme-prod", "new"))]);
        Assert.Equal(
            [
                "App acme-prod/new: not there yet",
                "Space playground: Progressing: 1 of 2 apps is ready",
                "App playground/broken: SecretNotFound: Secret hello-secrets does not exist: create it, or remove it "
                + "from configFrom",
                "Dyno playground/hello.web.2: Crashed: exit code 137; started again in 20 s",
            ],
            problems);
    }

    [Theory]
    [InlineData(false, false, "objects are being applied")]
    [InlineData(false, true, "objects are being applied")]
    [InlineData(true, false, "objects are being applied", "Space acme: not there yet")]
    [InlineData(true, true, "Space acme: not there yet")]
    public void Nothing_is_ready_before_all_is_applied_and_listed(
        bool isApplied, bool hasSynced, params string[] problems) =>
        Assert.Equal(
            problems,
            Readiness.Problems([], isApplied, hasSynced, [(RowKind.Space, ObjectKey.ClusterScoped("acme"))], []));
}
