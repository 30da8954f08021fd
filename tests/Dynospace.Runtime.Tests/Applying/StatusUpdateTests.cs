using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;
using k8s.Models;

namespace Dynospace.Runtime.Tests.Applying;

public sealed class StatusUpdateTests
{
    private static readonly OwnerIdentity Target = new(
        ResourceKind.For<V1Pod>(), new ObjectKey("space", "shop"), "u-1");

    [Theory]
    [InlineData("""{"ready":1}""", """{"ready":1}""")]
    [InlineData("""{"ready":1,"hosts":[]}""", """{"ready":1}""")]
    [InlineData("""{"ready":1}""", """{"ready":1,"hosts":[],"node":null,"router":{"address":null}}""")]
    [InlineData("""{"a":1,"b":{"c":2,"d":3}}""", """{"b":{"d":3,"c":2},"a":1}""")]
    [InlineData("""{"conditions":[{"type":"Up","message":""}]}""", """{"conditions":[{"message":"","type":"Up"}]}""")]
    [InlineData("{}", "{}")]
    public void The_same_said_in_another_way_is_not_a_change(string status, string live)
    {
        Assert.False(Update(status, live).IsChange);
        Assert.False(Update(live, status).IsChange);
    }

    [Theory]
    [InlineData("""{"ready":1}""", """{"ready":2}""")]
    [InlineData("""{"ready":1}""", """{"ready":"1"}""")]
    [InlineData("""{"ready":0}""", "{}")]
    [InlineData("""{"node":""}""", "{}")]
    [InlineData("""{"isOpen":false}""", "{}")]
    [InlineData("""{"hosts":["a"]}""", """{"hosts":["a","b"]}""")]
    [InlineData("""{"hosts":["a","b"]}""", """{"hosts":["b","a"]}""")]
    [InlineData("""{"router":{"address":"10.0.0.1"}}""", """{"router":{}}""")]
    [InlineData(
        """{"conditions":[{"type":"Up","status":"True"}]}""", """{"conditions":[{"type":"Up","status":"False"}]}""")]
    public void Anything_else_is_a_change(string status, string live)
    {
        Assert.True(Update(status, live).IsChange);
        Assert.True(Update(live, status).IsChange);
    }

    [Fact]
    public void A_first_status_is_a_change_even_if_it_is_empty() => Assert.True(Update("{}", null).IsChange);

    private static StatusUpdate Update(string status, string? live) =>
        new(Target, Parse(status), live is null ? null : Parse(live));

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
