using Dynospace.Reachability.Matrices;
using Dynospace.Reachability.Tests.Fixtures;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class MatrixTests
{
    [Fact]
    public void A_matrix_is_a_padded_table_with_a_legend_of_what_decided() => Assert.Equal(
        """
        | from \\ to | web TCP 5000 | shop TCP 80 | internet TCP 443 |
        | ---------- | ------------ | ----------- | ---------------- |
        | router     | yes 1        | some 2      | yes 3            |
        | web        | yes 4        | some 5      | no 6             |
        | internet   | no 7         | no 8        | yes 9            |

        1. allowed: egress not isolated; ingress by acme/router-to-web rule 0
        2. some backends allowed: egress not isolated; ingress by acme/router-to-web rule 0 \| denied: no rule admits it in ingress of acme/default-deny
        3. allowed: egress not isolated; ingress not subject to policy
        4. allowed: a pod always reaches itself
        5. some backends allowed: a pod always reaches itself \| denied: no rule admits it in egress of acme/default-deny, nor in ingress of acme/default-deny
        6. denied: no rule admits it in egress of acme/default-deny
        7. denied: no rule admits it in ingress of acme/{default-deny, router-to-web}
        8. every backend denied: no rule admits it in ingress of acme/{default-deny, router-to-web} \| denied: no rule admits it in ingress of acme/default-deny
        9. allowed: egress not subject to policy; ingress not subject to policy

        """,
        Matrix().ToMarkdown());

    [Fact]
    public void For_a_terminal_the_table_has_no_rules()
    {
        var lines = Matrix().ToText().Split('\n');

        Assert.Equal("from \\ to  web TCP 5000  shop TCP 80  internet TCP 443", lines[0]);
        Assert.Equal("router     yes 1         some 2       yes 3", lines[1]);
        Assert.Equal("1. allowed: egress not isolated; ingress by acme/router-to-web rule 0", lines[5]);
    }

    [Fact]
    public void Cells_are_the_verdicts_of_their_pairs()
    {
        var matrix = Matrix();

        Assert.Equal("acme/web", matrix[1, 2].Source);
        Assert.Equal("203.0.113.1", matrix[1, 2].Target);
        Assert.False(matrix[1, 2].Allowed);
    }

    private static ReachabilityMatrix Matrix()
    {
        var evaluator = new TestCluster()
            .Pod("router/r", "app=router").Pod("acme/web", "type=web,app=shop").Pod(
                "acme/worker", "type=worker,app=shop")
            .Service("acme/shop", "{selector: {app: shop}, ports: [{port: 80, targetPort: 5000}]}")
            .Policy("acme/default-deny", Policies.DenyAll)
            .Policy("acme/router-to-web", """
                podSelector: {matchLabels: {type: web}}
                ingress:
                - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: router}}}]
                  ports: [{port: 5000}]
                """)
            .Evaluator();
        return ReachabilityMatrix.Build(
            evaluator,
            [
                new("router", Endpoint.Pod("router", "r")),
                new("web", Endpoint.Pod("acme", "web")),
                new("internet", Endpoint.At("203.0.113.1")),
            ],
            [
                new("web", Endpoint.Pod("acme", "web"), TransportPort.Tcp(5000)),
                new("shop", Endpoint.Service("acme", "shop"), TransportPort.Tcp(80)),
                new("internet", Endpoint.At("203.0.113.1"), TransportPort.Tcp(443)),
            ]);
    }
}
