using Dynospace.Router.Cluster;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Router.Tests.Cluster;

public sealed class SliceFactsTests
{
    [Fact]
    public void A_slice_of_a_Service_tells_its_ready_pods()
    {
        var facts = SliceFacts.FromSlice(Slice());
        Assert.Equal(new ObjectKey("acme", "shop"), facts.Service);
        Assert.Equal([5000], facts.Ports);
        Assert.Equal(["shop-web-1-a"], facts.Endpoints.Select(endpoint => endpoint.Pod));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    [InlineData(false, null, false)]
    public void Not_said_is_ready_and_terminating_is_not(bool? ready, bool? terminating, bool expected) =>
        Assert.Equal(
            expected, SliceFacts.FromSlice(
                Slice(
                    endpoint =>
                        endpoint.Conditions = new()
                        {
                            Ready = ready,
                            Terminating = terminating,
                        })).Endpoints.Length == 1);

    [Fact]
    public void An_endpoint_that_is_not_a_pod_of_the_namespace_is_left_out()
    {
        Assert.Empty(SliceFacts.FromSlice(Slice(endpoint => endpoint.TargetRef = null)).Endpoints);
        Assert.Empty(SliceFacts.FromSlice(Slice(endpoint => endpoint.TargetRef.Kind = "Node")).Endpoints);
        Assert.Empty(SliceFacts.FromSlice(Slice(endpoint => endpoint.TargetRef.NamespaceProperty = "other")).Endpoints);
        Assert.Empty(SliceFacts.FromSlice(Slice(endpoint => endpoint.Addresses = ["shop.example.com"])).Endpoints);
    }

    [Fact]
    public void A_slice_that_no_Service_owns_or_that_is_labelled_otherwise_is_of_none()
    {
        var unowned = Slice();
        unowned.Metadata.OwnerReferences = null;
        Assert.Null(SliceFacts.FromSlice(unowned).Service);
        var mislabelled = Slice();
        mislabelled.Metadata.Labels["kubernetes.io/service-name"] = "orders";
        Assert.Null(SliceFacts.FromSlice(mislabelled).Service);
        var referred = Slice();
        referred.Metadata.OwnerReferences[0].Controller = null;
        Assert.Null(SliceFacts.FromSlice(referred).Service);
    }

    private static V1EndpointSlice Slice(Action<V1Endpoint>? change = null)
    {
        var endpoint = new V1Endpoint
        {
            Addresses = ["172.16.0.2"],
            Conditions = new() { Ready = true },
            TargetRef = new() { Kind = "Pod", Name = "shop-web-1-a", NamespaceProperty = "acme" },
        };
        change?.Invoke(endpoint);
        return new V1EndpointSlice
        {
            AddressType = "IPv4",
            Metadata = new()
            {
                Name = "shop-x",
                NamespaceProperty = "acme",
                Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "shop" },
                OwnerReferences =
                [
                    new() { ApiVersion = "v1", Kind = "Service", Name = "shop", Uid = "u", Controller = true },
                ],
            },
            Ports = [new() { Port = 5000, Protocol = "TCP" }, new() { Port = 5000, Protocol = "UDP" }],
            Endpoints = [endpoint],
        };
    }
}
