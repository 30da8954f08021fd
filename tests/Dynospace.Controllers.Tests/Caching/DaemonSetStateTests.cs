using System.Text.Json;
using Dynospace.Controllers.Caching;
using Xunit;

namespace Dynospace.Controllers.Tests.Caching;

public sealed class DaemonSetStateTests
{
    [Fact]
    public void A_status_is_not_a_change() => Assert.Equal(Decode("cni:1", status: 1), Decode("cni:1", status: 2));

    [Fact]
    public void Another_image_of_an_agent_in_the_nodes_network_is_a_change() =>
        Assert.NotEqual(Decode("cni:1"), Decode("cni:2"));

    [Fact]
    public void What_runs_in_a_network_of_its_own_is_not_an_agent() =>
        Assert.Equal(Decode("logs:1", isHost: false), Decode("logs:2", isHost: false));

    private static DaemonSetState Decode(string image, bool isHost = true, int status = 0)
    {
        using var document = JsonDocument.Parse($$"""
            {
              "metadata": { "name": "agent", "namespace": "kube-system" },
              "spec": { "template": { "spec": { "hostNetwork": {{(isHost ? "true" : "false")}}, "containers": [{ "name": "agent", "image": "{{image}}" }] } } },
              "status": { "numberReady": {{status}} }
            }
            """);
        return DaemonSetState.Decode(document.RootElement);
    }
}
