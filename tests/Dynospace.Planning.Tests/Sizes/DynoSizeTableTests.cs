using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Sizes;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Sizes;

/// <summary>The platform's sizes, and those that a platform team replaces or adds.</summary>
public sealed class DynoSizeTableTests
{
    private static readonly Dictionary<string, string> Own = new()
    {
        [DynoSizes.Standard1X] = "1Gi/512Mi/200m",
        ["Custom-Private-Huge"] = "8Gi/8Gi/4",
        ["Custom-Build"] = "8Gi/4Gi/2/20Gi",
    };

    [Fact]
    public void Own_sizes_replace_by_name_and_follow_the_platforms()
    {
        var table = DynoSizeTable.FromOption(Own);

        Assert.Equal(
            [.. DynoSizes.Platform, "Custom-Build", "Custom-Private-Huge"], table.All.Select(size => size.Name));
        Assert.Equal(
            new DynoSize(DynoSizes.Standard1X, "512Mi", "1Gi", "200m", 256), table.Find(DynoSizes.Standard1X));
        Assert.Equal(DynoSizeTable.Platform.Find(DynoSizes.Eco), table.Find(DynoSizes.Eco));
        Assert.True(table.Find("Custom-Private-Huge")!.IsPrivate);
        Assert.Equal(table.All, DynoSizeTable.FromText(DynoSizeTable.TextOf(Own)).All);
    }

    [Fact]
    public void A_dyno_gets_what_its_size_gives_here()
    {
        var resources = DynoSizeTable.FromOption(Own).FromName("Custom-Build").Resources;

        Assert.Equal(["cpu 2", "memory 4Gi"], resources.Requests.Select(pair => $"{pair.Key} {pair.Value}"));
        Assert.Equal(
            ["ephemeral-storage 20Gi", "memory 8Gi"], resources.Limits.Select(pair => $"{pair.Key} {pair.Value}"));
    }

    [Theory]
    [InlineData("Custom-Build", SpaceRuntime.Common, null)]
    [InlineData("Custom-Private-Huge", SpaceRuntime.Shield, null)]
    [InlineData("Custom-Private-Huge", SpaceRuntime.Common, "needs a Private or Shield space, and acme is Common")]
    [InlineData("Custom-Gone", SpaceRuntime.Private, "does not have: use one of Eco, Basic, ")]
    public void What_a_space_cannot_run_is_said_with_what_it_can(string size, SpaceRuntime runtime, string? refusal)
    {
        var found = DynoSizeTable.FromOption(Own).Refusal(size, runtime, "acme");

        Assert.Equal(refusal is null, found is null);
        Assert.Contains(refusal ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Custom-Build", "1Gi/2Gi/1", "guarantees 2Gi, more than its limit of 1Gi")]
    [InlineData("Custom-Build", "1Gi", "is not a valid size")]
    [InlineData("Custom-Build-With-A-Name-Longer-Than-Forty-Characters", "1Gi/1Gi/1", "is longer than 40")]
    public void A_size_that_makes_no_sense_is_refused(string name, string text, string mistake) => Assert.Contains(
        mistake,
        Assert.Single(new PlatformOptions
        {
            Dynos = new() { OwnSizes = new Dictionary<string, string> { [name] = text } },
        }.Dynos.Validate()),
        StringComparison.Ordinal);

    /// <summary>The App judges those of its formation.</summary>
    [Fact]
    public void A_run_of_a_size_that_its_space_does_not_have_starts_nothing()
    {
        var app = Sample.App("shop", ("web", 1));
        var dyno = Sample.Dyno(app, ProcessTypes.Run, 1);
        dyno.Spec.Size = DynoSizes.PrivateM;
        var observed = Sample.Observed(dyno, app) with { Space = Sample.ReadySpace(SpaceRuntime.Common) };

        var plan = DynoPlanner.Plan(observed, Sample.Options);

        Assert.Equal(Reasons.SizeUnsupported, plan.Problem?.Reason);
        Assert.Null(plan.Pod);
    }

    [Fact]
    public void A_spaces_first_policy_states_the_sizes_where_there_are_own_ones()
    {
        Assert.Null(Stated(new()));
        Assert.Equal(
            "Custom-Build=8Gi/4Gi/2/20Gi,Custom-Private-Huge=8Gi/8Gi/4,Standard-1X=1Gi/512Mi/200m",
            Stated(new() { OwnSizes = Own }));
    }

    private static string? Stated(DynoOptions options) => SpacePlanner
        .Plan(Sample.Observed(Sample.Space(SpaceRuntime.Private)), Sample.Options with { Dynos = options })
        .Children.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == PolicyNames.DefaultDeny)
        .Metadata.Annotations.TryGetValue(Annotations.DynoSizes, out var sizes) ? sizes : null;
}
