using System.Text.Json;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Cli.Dev.Routers;

/// <summary>What a router's Deployment says about how its pods run.</summary>
/// <param name="Key">The Deployment.</param>
/// <param name="Uid">Its UID; another one is another router.</param>
/// <param name="Account">The service account, which decides what the router may read.</param>
/// <param name="Arguments">The arguments, a line each.</param>
internal sealed record RouterDeployment(ObjectKey Key, string Uid, string Account, string Arguments)
{
    private const char Separator = '\n';

    public string[] ArgumentList => Arguments.Split(Separator, StringSplitOptions.RemoveEmptyEntries);

    public static RouterDeployment Decode(JsonElement element)
    {
        var deployment = JsonObjects.To<V1Deployment>(element);
        var pod = deployment.Spec.Template.Spec;
        return new RouterDeployment(
            new ObjectKey(deployment.Metadata.NamespaceProperty, deployment.Metadata.Name),
            deployment.Metadata.Uid,
            pod.ServiceAccountName ?? "default",
            string.Join(Separator, pod.Containers[0].Args ?? []));
    }
}
