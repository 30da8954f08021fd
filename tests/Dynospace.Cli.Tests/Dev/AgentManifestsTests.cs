using Dynospace.Cli.Network;
using Dynospace.Testing.Charts;
using Xunit;

namespace Dynospace.Cli.Tests.Dev;

/// <summary>Agents of the dev cluster have the rights that the chart gives.</summary>
public sealed class AgentManifestsTests
{
    [Fact]
    public void All_but_the_DaemonSet_is_read_from_the_chart()
    {
        Assert.Equal(
            [
                "Namespace dynospace-node-agent",
                "ServiceAccount dynospace-node-agent/dynospace-node-agent",
                "ClusterRole dynospace-node-agent",
                "ClusterRoleBinding dynospace-node-agent",
                "Role dynospace-node-agent/dynospace-node-agent",
                "RoleBinding dynospace-node-agent/dynospace-node-agent",
                "ValidatingAdmissionPolicy dynospace-node-agents-write-their-own-node",
                "ValidatingAdmissionPolicyBinding dynospace-node-agents-write-their-own-node",
                "ValidatingAdmissionPolicy dynospace-node-agents-hold-the-lease-for-their-own-node",
                "ValidatingAdmissionPolicyBinding dynospace-node-agents-hold-the-lease-for-their-own-node",
            ],
            AgentManifests.All.Select(manifest => $"{manifest.Kind} {manifest.Key}"));
        Assert.All(
            AgentManifests.All,
            manifest => Assert.DoesNotContain("{{", manifest.Content.ToJsonString(), StringComparison.Ordinal));
    }

    [Fact]
    public void What_only_an_option_adds_is_left_out() => Assert.Equal(
        "verbs: [get]\nname: dynospace-node-agent",
        Assert.Single(AgentManifests.Render("""
            {{- if .Values.nodeAgent.enabled }}
            {{- $name := "dynospace-node-agent" }}
            verbs: [get{{ if $hasNetwork }}, list{{ end }}]
            {{- if $hasNetwork }}
            {{- range $x }}
            - more
            {{- end }}
            {{- end }}
            name: {{ $name }}
            {{- end }}
            """)));

    [Fact]
    public async Task The_rights_are_those_that_Helm_renders()
    {
        var (code, output) = await HelmChart.RunAsync(
            ["template", "d", HelmChart.Folder, "--show-only", "templates/node-agent.yaml", "--set",
                "nodeAgent.enabled=true,nodeAgent.policies.enforce=true"]);
        Assert.True(code == 0, output);
        var rendered = Dynospace.Cli.Manifests.ManifestReader.ReadText(output, "helm")
            .Single(manifest => manifest.Kind == "ClusterRole");

        Assert.Equal(
            rendered.Content["rules"]!.ToJsonString(),
            AgentManifests.All.Single(manifest => manifest.Kind == "ClusterRole").Content["rules"]!.ToJsonString());
    }
}
