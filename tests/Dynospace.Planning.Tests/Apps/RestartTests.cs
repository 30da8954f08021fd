using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Apps;

public sealed class RestartTests
{
    [Theory]
    [InlineData("dynospace.dev/restarted-at", new[] { "shop.web.1", "shop.worker.1" })]
    [InlineData("dynospace.dev/restarted-at.web", new[] { "shop.web.1" })]
    [InlineData("dynospace.dev/restarted-at.web.3", new[] { "shop.web.3" })]
    [InlineData("dynospace.dev/restarted-at.clock", new string[0])]
    [InlineData("dynospace.dev/restarted", new string[0])]
    public void An_annotation_restarts_a_quarter_at_a_time_without_a_release(string annotation, string[] first)
    {
        var app = Up();
        Annotate(app.App, annotation, "2026-03-01T12:00:00Z");

        var plan = app.Reconcile();

        Assert.Null(plan.Release);
        Assert.Equal(first, plan.Dynos.Select(dyno => dyno.Metadata.Name));
        Assert.All(plan.Dynos, dyno => Assert.Equal(1, dyno.Spec.Release));
    }

    [Fact]
    public void It_goes_on_until_every_dyno_was_replaced_and_then_ends()
    {
        var app = Up();
        Annotate(app.App, Annotations.RestartedAt, "now");
        var replaced = Finish(app);

        Assert.Equal(app.Dynos.Keys.Order(), replaced.Order());
        Assert.Equal(replaced.Count, replaced.Distinct().Count());
    }

    [Fact]
    public void Removing_the_annotation_restarts_nothing_and_a_later_release_keeps_the_token()
    {
        var app = Up();
        Annotate(app.App, Annotations.RestartedAt, "now");
        Finish(app);
        var tokens = TokensOf(app);
        Assert.DoesNotContain(null, tokens.Values);

        app.App.Metadata.Annotations!.Clear();
        Assert.Empty(app.Reconcile().Dynos);

        app.App.Spec.Image = "registry.example/shop:43";
        Assert.Equal(6, Finish(app).Count);
        Assert.All(app.Dynos.Values, dyno => Assert.Equal(2, dyno.Spec.Release));
        Assert.Equal(tokens, TokensOf(app));
    }

    [Theory]
    [InlineData("dynospace.dev/restarted-at", "dynospace.dev/restarted-at.web")]
    [InlineData("dynospace.dev/restarted-at.web", "dynospace.dev/restarted-at.web.1")]
    [InlineData("dynospace.dev/restarted-at", "dynospace.dev/restarted-at.web", "dynospace.dev/restarted-at.web.1")]
    public void Removing_one_of_several_annotations_restarts_nothing(params string[] annotations)
    {
        foreach (var removed in annotations)
        {
            var app = Up();
            Array.ForEach(annotations, name => Annotate(app.App, name, "now"));
            Finish(app);

            app.App.Metadata.Annotations!.Remove(removed);
            Assert.Empty(app.Reconcile().Dynos);

            // A new request still works, and the same again does not.
            Annotate(app.App, removed, "later");
            Assert.NotEmpty(Finish(app));
            Annotate(app.App, removed, "later");
            Assert.Empty(app.Reconcile().Dynos);
        }
    }

    [Fact]
    public void A_restart_replaces_the_pod_and_an_upgrade_does_not()
    {
        var app = Sample.App("shop", ("web", 1));
        app.Status = new() { Release = 1 };
        var dyno = Sample.Dyno(app, "web", 1);
        var observed = Sample.Observed(dyno, app);
        var pod = Sample.PodOf(DynoPlanner.Plan(observed, Sample.Options).Pod!) with { IsReady = true };
        Assert.Null(DynoPlanner.Plan(observed with { Pods = [pod] }, Sample.Options).Pod);

        dyno.Spec.Restart = "x7k2p";

        var plan = DynoPlanner.Plan(observed with { Pods = [pod] }, Sample.Options);
        Assert.NotNull(plan.Pod);
        Assert.Equal([pod.Name], plan.Children.Deletions.Select(deletion => deletion.Child.Name));
    }

    /// <summary>Reconciles until nothing moves; returns the names of the dynos that were replaced.</summary>
    private static List<string> Finish(SimulatedApp app)
    {
        var replaced = new List<string>();
        while (app.Reconcile().Dynos is { Count: > 0 } next)
        {
            replaced.AddRange(next.Select(dyno => dyno.Metadata.Name));
            foreach (var dyno in next)
            {
                app.Settle(dyno.Metadata.Name, isUp: true);
            }
        }

        return replaced;
    }

    private static Dictionary<string, string?> TokensOf(SimulatedApp app) =>
        app.Dynos.ToDictionary(entry => entry.Key, entry => entry.Value.Spec.Restart);

    private static SimulatedApp Up()
    {
        var app = new SimulatedApp(Sample.App("shop", ("web", 4), ("worker", 2)));
        app.Reconcile();
        foreach (var name in app.Dynos.Keys.ToList())
        {
            app.Settle(name, isUp: true);
        }

        app.Reconcile();
        return app;
    }

    private static void Annotate(App app, string name, string value) =>
        (app.Metadata.Annotations ??= new Dictionary<string, string>())[name] = value;
}
