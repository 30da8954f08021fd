using DevCluster.Simulator;
using k8s;
using k8s.Models;

await using var cluster = await DevClusterServer.StartAsync(new DevClusterOptions(), CancellationToken.None);
using var kubeconfig = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(cluster.Kubeconfig()));
using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
var container = new V1Container { Name = "web", Image = "example" };
var pod = new V1Pod { Metadata = new() { Name = "web" }, Spec = new() { Containers = [container] } };
await client.CoreV1.CreateNamespacedPodAsync(pod, "default");
while ((await client.CoreV1.ReadNamespacedPodAsync("web", "default")).Status.Phase != "Running") await Task.Delay(50);
Console.WriteLine("web is running");
