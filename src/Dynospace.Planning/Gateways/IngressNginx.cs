using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

/// <summary>ingress-nginx: everything is an annotation of the Ingress.</summary>
internal sealed class IngressNginx() : IngressController(RouterImplementation.IngressNginx)
{
    private const string Prefix = "nginx.ingress.kubernetes.io/";

    public override bool CanRestrict => true;

    protected override Treatment Restrict(RouteDraft draft) => new()
    {
        Annotations = new Dictionary<string, string>
        {
            [Prefix + "whitelist-source-range"] = string.Join(',', draft.RangesOrNobody),
        },
    };

    /// <summary>Always set, since by default a certificate causes a redirect.</summary>
    protected override Treatment Redirect(RouteDraft draft)
    {
        var value = draft.Redirects ? "true" : "false";
        return new()
        {
            Annotations = new Dictionary<string, string>
            {
                [Prefix + "force-ssl-redirect"] = value,
                [Prefix + "ssl-redirect"] = value,
            },
        };
    }
}
