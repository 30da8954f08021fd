using CsCheck;
using Dynospace.Api.Apps;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Apps;

public sealed class NamesTests
{
    /// <summary>Short names of few letters, so that they run into one another where names could.</summary>
    private static readonly Gen<string> Label =
        Gen.OneOf("a", "b", "1", "-", "web", "r").Array[1, 5].Select(parts => string.Concat(parts))
            .Where(name => char.IsAsciiLetter(name[0])
                && name[^1] != '-'
                && !name.Contains("--", StringComparison.Ordinal)
                && name.Length <= 20);

    private static readonly Gen<App> AnyApp =
        Gen.Select(Label, Label.Where(type => type is not ("run" or "release")).HashSet[1, 3], Gen.Int[1, 3])
            .Select((name, types, quantity) => Sample.App(name, [.. types.Order().Select(type => (type, quantity))]));

    [Fact]
    public void No_two_objects_of_a_namespace_share_a_name() =>
        AnyApp.Array[1, 6].Sample(apps =>
        {
            var plans = apps.DistinctBy(app => app.Metadata.Name)
                .Select(app => (App: app, Plan: AppPlanner.Plan(Sample.Observed(app), Sample.Options)))
                .ToList();

            AssertDistinct(plans.SelectMany(planned => planned.Plan.Services).Select(service => service.Metadata.Name));
            AssertDistinct(plans.SelectMany(planned => planned.Plan.Dynos).Select(dyno => dyno.Metadata.Name));
            AssertDistinct(plans.Select(planned => planned.Plan.Release!.Metadata.Name));
            AssertDistinct(
                plans.SelectMany(planned => planned.Plan.Dynos.Select(dyno => PodNameOf(planned.App, dyno))));
        });

    [Fact]
    public void The_longest_names_that_the_schema_admits_stay_labels()
    {
        var app = Sample.App(new string('a', 30), (new string('t', 20), 1));
        var dyno = Sample.Dyno(app, new string('t', 20), 99_999);
        var services = AppPlanner.Plan(Sample.Observed(app), Sample.Options).Services;

        Assert.All(services, service => Assert.InRange(service.Metadata.Name.Length, 1, 63));
        Assert.InRange(dyno.Metadata.Name.Length, 1, 63);
        Assert.Equal(63, PodNameOf(app, dyno).Length);
    }

    private static string PodNameOf(App app, Api.Dynos.Dyno dyno)
    {
        dyno.Metadata.Uid ??= $"uid-{dyno.Metadata.Name}";
        return DynoPlanner.Plan(Sample.Observed(dyno, app), Sample.Options).Pod!.Metadata.Name;
    }

    private static void AssertDistinct(IEnumerable<string> names) =>
        Assert.Empty(names.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key));
}
