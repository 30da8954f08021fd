using System.Text.Json;
using Dynospace.Controllers.Caching;
using Xunit;

namespace Dynospace.Controllers.Tests.Caching;

public sealed class ServiceStateTests
{
    [Fact]
    public void Of_the_operators_own_services_the_content_is_kept_so_that_drift_is_seen()
    {
        var service = Decode("""{ "app.kubernetes.io/managed-by": "dynospace" }""");

        Assert.True(service.Live.HasContent);
        Assert.Equal("web", (string?)service.Live.ReadContent()["spec"]!["selector"]!["run"]);
    }

    [Fact]
    public void Of_a_foreign_service_only_addresses_and_selector_are_kept()
    {
        var service = Decode("{}");

        Assert.False(service.Live.HasContent);
        Assert.Equal(["10.96.0.10", "fd00::a"], service.ClusterAddresses);
        Assert.Equal("web", service.Selector["run"]);
    }

    [Theory]
    [InlineData("""{ "clusterIPs": ["None"] }""")]
    [InlineData("""{ "type": "ExternalName", "externalName": "db.example.com" }""")]
    public void A_service_without_address_has_none(string spec) => Assert.Empty(Decode("{}", spec).ClusterAddresses);

    private static ServiceState Decode(
        string labels, string spec = """{ "clusterIPs": ["10.96.0.10", "fd00::a"], "selector": { "run": "web" } }""")
    {
        using var document = JsonDocument.Parse($$"""
            {
              "apiVersion": "v1", "kind": "Service",
              "metadata": { "name": "dns", "namespace": "kube-system", "uid": "u", "resourceVersion": "1", "labels": {{labels}} },
              "spec": {{spec}}
            }
            """);
        return ServiceState.Decode(document.RootElement);
    }
}
