using Dynospace.Reachability.Tests.Fixtures;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class VerdictTests
{
    [Fact]
    public void A_denial_names_the_policy_the_peer_and_the_port()
    {
        var cluster = new TestCluster().Pod("acme-prod/web")
            .Pod("kube-system/x")
            .Policy("acme-prod/default-deny", Policies.DenyAll);

        Assert.Equal(
            "denied by ingress of acme-prod/default-deny: no rule admits kube-system/x on TCP 5000",
            cluster.Ask("kube-system/x", "acme-prod/web", "5000").Reason);
        Assert.Equal(
            "denied by egress of acme-prod/default-deny: no rule admits kube-system/x on UDP 53",
            cluster.Ask("acme-prod/web", "kube-system/x", "53/udp").Reason);
    }

    [Fact]
    public void A_denial_by_both_sides_names_both()
    {
        var verdict = new TestCluster().Pod("x/a").Pod("y/b")
            .Policy("x/p", Policies.DenyAll)
            .Policy("y/q", Policies.DenyAll)
            .Ask("x/a", "y/b");

        Assert.Equal(
            "denied by egress of x/p: no rule admits y/b on TCP 80; denied by ingress of y/q: no rule admits x/a on "
            + "TCP 80",
            verdict.Reason);
        Assert.Equal(PolicyDirection.Egress, verdict.DeniedBy);
        Assert.Equal("denied: no rule admits it in egress of x/p, nor in ingress of y/q", verdict.Basis);
    }

    [Fact]
    public void A_denial_tells_why_each_rule_did_not_match()
    {
        var verdict = new TestCluster().Pod("x/a").Pod("y/b")
            .Policy("y/default-deny", Policies.DenyIngress)
            .Policy("y/web", Policies.Ingress("""
                {from: [{namespaceSelector: {}}],
                 ports: [{port: 5000}, {port: 53, protocol: UDP}, {port: 90, endPort: 99}, {port: web}, {protocol: SCTP}]},
                {from: [{podSelector: {}}], ports: [{port: 80}]},
                {from: [{podSelector: {}}], ports: [{port: 81}]}
                """))
            .Ask("x/a", "y/b");

        Assert.Equal(
            [
                "denied by ingress of y/{default-deny, web}: no rule admits x/a on TCP 80",
                "y/web ingress[0] admits this peer on TCP 5000, UDP 53, TCP 90-99, TCP web, SCTP any only",
                "y/web ingress[1] is for other peers",
                "y/web ingress[2] is for other peers and ports",
            ],
            verdict.Explanation);
        Assert.Equal(PolicyDirection.Ingress, verdict.DeniedBy);
        Assert.Equal(["y/default-deny", "y/web"], verdict.Ingress!.Isolating.Select(policy => policy.ToString()));
    }

    [Fact]
    public void An_admission_names_every_rule_that_admits()
    {
        var verdict = new TestCluster().Pod("x/a").Pod("y/b")
            .Policy("y/default-deny", Policies.DenyIngress)
            .Policy("y/one", Policies.Ingress("{ports: [{port: 79}]}, {ports: [{port: 80}]}"))
            .Policy("y/two", Policies.AllowIngress)
            .Ask("x/a", "y/b");

        Assert.Equal("allowed: egress not isolated; ingress by y/one rule 1, y/two rule 0", verdict.Reason);
        Assert.Equal(
            ["y/one ingress[1]", "y/two ingress[0]"], verdict.Ingress!.Admitting.Select(rule => rule.ToString()));
        Assert.Null(verdict.DeniedBy);
    }

    [Fact]
    public void A_service_explains_each_backend()
    {
        var verdict = new TestCluster().Pod("x/a").Pod("y/b", "app=web").Pod("y/c", "app=web")
            .Service("y/web", "{selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}")
            .Policy("y/p", Policies.Ingress("{from: [{podSelector: {}}]}"))
            .Ask("x/a", "svc:y/web");

        Assert.Equal(
            [
                "denied by ingress of y/p: no rule admits x/a on TCP 8080",
                "y/b on TCP 8080: denied by ingress of y/p: no rule admits x/a on TCP 8080",
                "  y/p ingress[0] is for other peers",
                "y/c on TCP 8080: denied by ingress of y/p: no rule admits x/a on TCP 8080",
                "  y/p ingress[0] is for other peers",
            ],
            verdict.Explanation);
        Assert.Equal("every backend denied: no rule admits it in ingress of y/p", verdict.Basis);
    }

    [Fact]
    public void Loopback_and_own_node_say_so()
    {
        var cluster = new TestCluster().Node("n1", "192.0.2.1")
            .Pod("x/a", node: "n1", ip: "10.0.0.1")
            .Policy("x/p", Policies.DenyAll);

        Assert.Equal("allowed: a pod always reaches itself", cluster.Ask("x/a", "x/a").Reason);
        Assert.Equal(
            "allowed: egress not subject to policy; ingress open to the pod's own node",
            cluster.Ask("node:n1", "x/a").Reason);
    }
}
