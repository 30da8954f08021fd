using System.Net;
using System.Text;
using Dynospace.Router.Lines;
using Dynospace.Runtime;
using k8s;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Router.Tests.Lines;

public sealed class LinePeersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_share_a_list_of_the_pods_and_a_failure_is_not_kept()
    {
        using var api = new SliceServer();
        var clock = new FakeTimeProvider();
        using var client = new Kubernetes(new KubernetesClientConfiguration { Host = "http://cluster.invalid" }, api);
        using var peers = new LinePeers(client, new ObjectKey("dynospace-system", "lines-router-public"), 9091, clock);

        api.IsDown = true;
        Assert.Empty(await peers.ListAsync(Token));
        api.IsDown = false;
        Assert.Equal(["10.0.0.1", "10.0.0.2"], await peers.ListAsync(Token));
        Assert.Equal(["10.0.0.1", "10.0.0.2"], await peers.ListAsync(Token));
        Assert.Equal(2, api.Requests);

        clock.Advance(TimeSpan.FromSeconds(1));
        await peers.ListAsync(Token);

        Assert.Equal(3, api.Requests);
    }

    /// <summary>Answers with two pods, one of them in two families, and a third that is not ready.</summary>
    private sealed class SliceServer : DelegatingHandler
    {
        private const string Slices = """
            {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSliceList", "metadata": {}, "items": [
              {"addressType": "IPv4", "endpoints": [
                {"addresses": ["10.0.0.1"], "conditions": {"ready": true}, "targetRef": {"uid": "one"}},
                {"addresses": ["10.0.0.2"], "targetRef": {"uid": "other"}},
                {"addresses": ["10.0.0.3"], "conditions": {"ready": false}, "targetRef": {"uid": "ending"}}]},
              {"addressType": "IPv6", "endpoints": [{"addresses": ["fd00::1"], "targetRef": {"uid": "one"}}]}]}
            """;

        public bool IsDown { get; set; }

        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return Task.FromResult(new HttpResponseMessage(
                IsDown ? HttpStatusCode.InternalServerError : HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = new StringContent(IsDown ? "{}" : Slices, Encoding.UTF8, "application/json"),
            });
        }
    }
}
