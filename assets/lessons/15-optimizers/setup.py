import gradviz as torch
import gradviz.optim as optim

# A valley: gentle along the first weight, steep along the second. The lowest point is (0, 0).
curvature = torch.tensor([0.5, 4.0], dtype=torch.float64)


def height(w):
    return (curvature * w * w).sum() / 2


def descend(w, optimizer, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        loss = height(w)
        loss.backward()
        optimizer.step()


w, m, n, r, a = (torch.tensor([3.0, 1.0], dtype=torch.float64, requires_grad=True) for _ in range(5))

learning_rate = 0.2  # the update by hand
loss = height(w)
loss.backward()
for f in [w]:
    f.data.sub_(f.grad.data * learning_rate)

descend(w, optim.SGD([w], lr=0.2), 1)  # the same by an optimizer
descend(m, optim.SGD([m], lr=0.2, momentum=0.9), 3)
descend(n, optim.SGD([n], lr=0.2, momentum=0.9, nesterov=True), 2)
descend(r, optim.RMSprop([r], lr=0.2, alpha=0.9), 2)
descend(a, optim.Adam([a], lr=0.2), 2)
