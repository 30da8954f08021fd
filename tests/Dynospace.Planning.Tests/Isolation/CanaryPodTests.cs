using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Isolation;

public sealed class CanaryPodTests
{
    private static readonly TrialPods Names = new("x");

    [Fact]
    public void Canaries_are_these_pods() =>
        Golden.Verify("canaries", "pods", [Target(), Probe("10.244.1.9")]);

    [Fact]
    public void Canaries_pass_Pod_Security_restricted_and_hold_no_token() =>
        Assert.All([Target(), Probe("10.244.1.9")], pod =>
        {
            var container = Assert.Single(pod.Spec.Containers);
            Assert.Equal("RuntimeDefault", pod.Spec.SecurityContext.SeccompProfile.Type);
            Assert.True(pod.Spec.SecurityContext.RunAsNonRoot);
            Assert.False(pod.Spec.AutomountServiceAccountToken);
            Assert.Null(pod.Spec.HostNetwork);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        });

    [Fact]
    public void No_policy_of_dynos_applies_to_a_canary() => Assert.All([Target(), Probe("10.244.1.9")], pod =>
    {
        foreach (var label in new[] { Labels.Dyno, Labels.App, Labels.ProcessType, Labels.Routing })
        {
            Assert.DoesNotContain(label, pod.Metadata.Labels.Keys);
        }
    });

    [Theory]
    [InlineData("10.244.1.9", "10.244.1.9")]
    [InlineData("[fd00:10:244::9]", "fd00:10:244::9")]
    [InlineData("10.244.1.9 [fd00:10:244::9]", "10.244.1.9", "fd00:10:244::9")]
    public void The_targets_addresses_of_both_families_stand_in_URLs(string hosts, params string[] addresses) =>
        Assert.Equal(
            hosts, Probe(addresses).Spec.Containers[0].Env.Single(variable => variable.Name == "TARGETS").Value);

    [Fact]
    public void Canaries_go_where_dynos_go()
    {
        Assert.Equal("oregon", Target().Spec.NodeSelector["topology.kubernetes.io/region"]);
        Assert.Null(
            CanaryPodBuilder.Target(
                Sample.Space(),
                Names,
                Sample.Options with { Regions = new() { IsRequired = false } }).Spec.NodeSelector);
    }

    [Fact]
    public void The_limit_of_a_trial_leaves_the_probe_its_time() =>
        Assert.True(TimeSpan.FromSeconds(Probe("10.244.1.9").Spec.ActiveDeadlineSeconds!.Value) < TrialPlanner.Limit);

    [Fact]
    public void Each_trial_gets_other_names_that_follow_from_a_secret()
    {
        var space = Sample.Space();
        var first = TrialPods.Derive(space, "subject", "seed");
        space.Status = new() { Isolation = new() { TriedAt = Sample.Now.UtcDateTime } };

        Assert.Equal(
            4,
            new[]
            {
                first,
                TrialPods.Derive(space, "subject", "seed"),
                TrialPods.Derive(space, "another", "seed"),
                TrialPods.Derive(space, "subject", "another"),
            }
                .Distinct().Count());
    }

    private static V1Pod Target() => CanaryPodBuilder.Target(Sample.Space(SpaceRuntime.Private), Names, Sample.Options);

    private static V1Pod Probe(params string[] addresses) =>
        CanaryPodBuilder.Probe(Sample.Space(SpaceRuntime.Private), Names, addresses, Sample.Options);
}
