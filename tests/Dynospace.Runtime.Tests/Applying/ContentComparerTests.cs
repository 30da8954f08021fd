using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;

namespace Dynospace.Runtime.Tests.Applying;

public sealed class ContentComparerTests
{
    [Theory]
    // maps are shared: what others added is theirs
    [InlineData(
        "Service", """{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"a":"1","b":"2"}}}""", null)]
    [InlineData(
        "Service",
        """{"metadata":{"labels":{"a":"1"}}}""",
        """{"metadata":{"labels":{"a":"2"}}}""",
        "metadata.labels.a")]
    [InlineData("Service", """{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{}}""", "metadata.labels")]
    [InlineData("Service", """{"spec":{"a":null}}""", """{"spec":{}}""", null)]
    [InlineData("Service", """{"spec":{"a":[]}}""", """{"spec":{}}""", null)]
    [InlineData("Service", """{"spec":{"a":[]}}""", """{"spec":{"a":[1]}}""", "spec.a")]
    [InlineData("Service", """{"spec":{"a":"","b":false}}""", """{"spec":{}}""", null)]
    [InlineData("Service", """{"spec":{"a":""}}""", """{"spec":{"a":"192.0.2.1"}}""", "spec.a")]
    [InlineData("Deployment", """{"spec":{"a":false}}""", """{"spec":{"a":true}}""", "spec.a")]
    [InlineData("Deployment", """{"spec":{"a":true}}""", """{"spec":{}}""", "spec.a")]
    [InlineData("Service", """{"spec":{"a":5000}}""", """{"spec":{"a":5000.0}}""", null)]
    [InlineData("Service", """{"spec":{"a":5000}}""", """{"spec":{"a":"5000"}}""", "spec.a")]
    // lists with keys are merged, in any order, and the server's defaults are not drift
    [InlineData("Service", """{"spec":{"ports":[{"port":80},{"port":81}]}}""",
        """{"spec":{"ports":[{"port":81,"protocol":"TCP"},{"port":80,"protocol":"TCP","targetPort":80}]}}""", null)]
    [InlineData(
        "Service",
        """{"spec":{"ports":[{"port":80,"protocol":"UDP"}]}}""",
        """{"spec":{"ports":[{"port":80,"protocol":"TCP"}]}}""",
            "spec.ports[port=80,protocol=UDP]")]
    [InlineData(
        "Service",
        """{"spec":{"ports":[{"port":80,"targetPort":1}]}}""",
        """{"spec":{"ports":[{"port":80,"targetPort":2}]}}""",
            "spec.ports[port=80,protocol=TCP].targetPort")]
    [InlineData("Service", """{"metadata":{"finalizers":["a"]}}""", """{"metadata":{"finalizers":["b","a"]}}""", null)]
    [InlineData(
        "Service",
        """{"metadata":{"finalizers":["a"]}}""",
        """{"metadata":{"finalizers":["b"]}}""",
        "metadata.finalizers[a]")]
    [InlineData("Service", """{"metadata":{"ownerReferences":[{"uid":"u","controller":true}]}}""",
        """{"metadata":{"ownerReferences":[{"uid":"v"},{"uid":"u","controller":true,"name":"x"}]}}""", null)]
    // atomic lists and selectors have one owner: an addition opens or closes something
    [InlineData(
        "NetworkPolicy",
        """{"spec":{"podSelector":{}}}""",
        """{"spec":{"podSelector":{"matchLabels":{"a":"b"}}}}""",
        "spec.podSelector.matchLabels")]
    [InlineData("NetworkPolicy", """{"spec":{"podSelector":{}}}""", """{"spec":{"podSelector":{}}}""", null)]
    [InlineData(
        "Service",
        """{"spec":{"selector":{"a":"b"}}}""",
        """{"spec":{"selector":{"a":"b","c":"d"}}}""",
        "spec.selector.c")]
    [InlineData("NetworkPolicy", """{"spec":{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8"}}]}]}}""",
        """{"spec":{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8"}}]},{}]}}""", "spec.ingress")]
    [InlineData(
        "NetworkPolicy",
        """{"spec":{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}]}]}}""",
            """{"spec":{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8"}}]}]}}""",
            "spec.ingress[0].from[0].ipBlock.except")]
    [InlineData("NetworkPolicy", """{"spec":{"egress":[{"to":[{"podSelector":{}}]}]}}""",
        """{"spec":{"egress":[{"to":[{"podSelector":{}}],"ports":[{"port":53}]}]}}""", "spec.egress[0].ports")]
    [InlineData(
        "NetworkPolicy",
        """{"spec":{"policyTypes":["Ingress","Egress"]}}""",
        """{"spec":{"policyTypes":["Ingress"]}}""",
        "spec.policyTypes")]
    // pod templates of the workloads
    [InlineData(
        "Deployment",
        """{"spec":{"template":{"spec":{"containers":[{"name":"c","env":[{"name":"A","value":"1"}]}]}}}}""",
            """{"spec":{"template":{"spec":{"containers":[{"name":"side"},{"name":"c","env":[{"name":"B"},{"name":"A","value":"1"}]}]}}}}""",
            null)]
    [InlineData(
        "Deployment",
        """{"spec":{"template":{"spec":{"containers":[{"name":"c","env":[{"name":"A","value":"secret"}]}]}}}}""",
            """{"spec":{"template":{"spec":{"containers":[{"name":"c","env":[{"name":"A","value":"other"}]}]}}}}""",
            "spec.template.spec.containers[name=c].env[name=A].value")]
    [InlineData("Deployment", """{"spec":{"template":{"spec":{"containers":[{"name":"c","command":["a"]}]}}}}""",
        """{"spec":{"template":{"spec":{"containers":[{"name":"c","command":["a","b"]}]}}}}""",
        "spec.template.spec.containers[name=c].command")]
    [InlineData(
        "Deployment",
        """{"spec":{"template":{"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1000m","memory":"1024Mi"}}}]}}}}""",
            """{"spec":{"template":{"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]}}}}""",
            null)]
    [InlineData(
        "Deployment",
        """{"spec":{"template":{"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1"}}}]}}}}""",
            """{"spec":{"template":{"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"2"}}}]}}}}""",
            "spec.template.spec.containers[name=c].resources.limits.cpu")]
    // custom resources: as the options say
    [InlineData(
        "Gadget",
        """{"spec":{"parts":[{"name":"a"}]}}""",
        """{"spec":{"parts":[{"name":"b"},{"name":"a","size":1}]}}""",
        null)]
    [InlineData(
        "Gadget",
        """{"spec":{"other":[{"name":"a"}]}}""",
        """{"spec":{"other":[{"name":"b"},{"name":"a"}]}}""",
        "spec.other")]
    public void First_difference(string kind, string desired, string live, string? path)
    {
        var options = ApplierFixture.Options with
        {
            ListMaps = new Dictionary<(string, string), string[]> { [("Gadget", "spec.parts")] = ["name"] },
        };
        var difference = new ContentComparer(
            kind, options).FirstDifference(JsonNode.Parse(desired)!.AsObject(), JsonNode.Parse(live)!.AsObject());
        Assert.Equal(path, difference?.Path);
        Assert.DoesNotContain("secret", difference?.ToString() ?? "", StringComparison.Ordinal);
    }
}
